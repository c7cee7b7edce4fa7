// The tool `str`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/str.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

export const str = tool(
  {
    name: "str",
    title: "Named like a type",
    description: "No arguments.",
    parameters: jsonSchema<Record<string, never>>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("str");
  },
);
