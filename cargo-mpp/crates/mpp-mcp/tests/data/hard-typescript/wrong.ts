// The tool `wrong`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/wrong.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `wrong`. */
export interface WrongArguments {
  /** Any value: the schema allows any value. */
  a?: unknown;
  b: string;
  /** Any value: the schema allows any value. */
  c?: unknown;
}

export const wrong = tool(
  {
    name: "wrong",
    description: "A schema that is not valid, and a pattern with look-ahead.",
    parameters: jsonSchema<WrongArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("wrong");
  },
);
