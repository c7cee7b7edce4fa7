// The tool `parts`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/parts.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `parts`. */
export interface PartsArguments {
  a: string;
  /** Any value: the schema combines several schemas. */
  b?: unknown;
  /** Any value: the schema combines several schemas. */
  c?: unknown;
}

export const parts = tool(
  {
    name: "parts",
    description: "Arguments described in parts.",
    parameters: jsonSchema<PartsArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("parts");
  },
);
