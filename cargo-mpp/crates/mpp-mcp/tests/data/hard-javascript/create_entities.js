// The tool `create_entities`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/create_entities.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const createEntities = tool(
  {
    name: "create_entities",
    description: "Nested objects.",
    parameters: jsonSchema(parameters),
    securityLevel: "high",
    readOnly: false,
    destructive: true,
  },
  async (given) => {
    // given: { counts?, entities, free?, open?, options?, position? }
    throw notImplemented("create_entities");
  },
);
