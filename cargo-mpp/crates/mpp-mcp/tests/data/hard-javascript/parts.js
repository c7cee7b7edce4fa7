// The tool `parts`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/parts.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const parts = tool(
  {
    name: "parts",
    description: "Arguments described in parts.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { a, b?, c? }
    throw notImplemented("parts");
  },
);
