// The tool `str`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/str.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const str = tool(
  {
    name: "str",
    title: "Named like a type",
    description: "No arguments.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    throw notImplemented("str");
  },
);
