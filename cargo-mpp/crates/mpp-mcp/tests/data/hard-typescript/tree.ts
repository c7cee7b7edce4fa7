// The tool `tree`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/tree.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `tree`. */
export interface TreeArguments {
  /** Any value: the schema allows any value. */
  far?: unknown;
  /** Any value: the schema allows any value. */
  loop?: unknown;
  /** Any value: the schema allows any value. */
  lost?: unknown;
  root: Root;
}

export interface Root {
  /** Any value: the schema contains itself. */
  children?: unknown[];
  name: string;
}

export const tree = tool(
  {
    name: "tree",
    description: "A recursive schema, and one that never ends.",
    parameters: jsonSchema<TreeArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("tree");
  },
);
