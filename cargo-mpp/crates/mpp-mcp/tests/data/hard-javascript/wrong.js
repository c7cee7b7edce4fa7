// The tool `wrong`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/wrong.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const wrong = tool(
  {
    name: "wrong",
    description: "A schema that is not valid, and a pattern with look-ahead.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { a?, b, c? }
    throw notImplemented("wrong");
  },
);
