// The tool `undescribed`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/undescribed.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `undescribed`. */
export interface UndescribedArguments {
  /** Any value: the schema allows any value. */
  x: unknown;
  /** Any value: the schema allows any value. */
  y?: unknown;
  /** Any value: the schema allows any value. */
  z: unknown;
}

export const undescribed = tool(
  {
    name: "undescribed",
    description: "Calls undescribed.",
    parameters: jsonSchema<UndescribedArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("undescribed");
  },
);
