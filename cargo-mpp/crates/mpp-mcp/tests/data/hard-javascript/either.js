// The tool `either`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/either.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const either = tool(
  {
    name: "either",
    description: "Combined arguments.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { id?, name? }
    throw notImplemented("either");
  },
);
