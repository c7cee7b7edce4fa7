// The tool `undescribed`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/undescribed.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const undescribed = tool(
  {
    name: "undescribed",
    description: "Calls undescribed.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { x, y?, z }
    throw notImplemented("undescribed");
  },
);
