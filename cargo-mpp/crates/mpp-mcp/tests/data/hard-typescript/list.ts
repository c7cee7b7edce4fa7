// The tool `list`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/list.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `list`. */
export interface ListArguments {
  /** Any value: the schema allows values of several types. */
  both?: unknown;
  day?: string;
  flag?: boolean;
  kind?: "dog" | "cat";
  level?: number;
  /** @default 10 */
  limit?: number;
  maybe?: string | null;
  mode?: "a" | "A";
  /** @default "a \"b\"" */
  query?: string;
  /** @default 1 */
  ratio?: number;
  /** @default "asc" */
  sort?: "asc" | "desc";
  /** @default [] */
  tags?: string[];
  unit?: "+1" | "-1";
  /** @default false */
  verbose?: boolean;
}

export const list = tool(
  {
    name: "list",
    description: "Defaults and limits.",
    parameters: jsonSchema<ListArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("list");
  },
);
