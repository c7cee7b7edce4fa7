// The tool `many`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/many.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const many = tool(
  {
    name: "many",
    description: "Many arguments.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { argument_0, argument_1, argument_10?, argument_11?, argument_2, argument_3?, argument_4?, argument_5?, argument_6?, argument_7?, argument_8?, argument_9? }
    throw notImplemented("many");
  },
);
