// The tool `tree`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/tree.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const tree = tool(
  {
    name: "tree",
    description: "A recursive schema, and one that never ends.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { far?, loop?, lost?, root }
    throw notImplemented("tree");
  },
);
