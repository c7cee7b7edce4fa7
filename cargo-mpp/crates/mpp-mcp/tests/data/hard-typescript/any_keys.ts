// The tool `any_keys`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/any_keys.json" with { type: "json" };
import returns from "../../schemas/any_keys.returns.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

export interface AnyKeysResult {
  next: number | null;
  /** Any value: the schema allows values of several types. */
  result: unknown[];
}

export const anyKeys = tool(
  {
    name: "any_keys",
    description: "Takes whatever it is given.",
    parameters: jsonSchema<Record<string, never>>(parameters),
    returns: jsonSchema<AnyKeysResult>(returns),
    securityLevel: "medium",
  },
  async (given): Promise<AnyKeysResult> => {
    throw notImplemented("any_keys");
  },
);
