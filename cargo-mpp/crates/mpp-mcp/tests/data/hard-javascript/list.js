// The tool `list`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/list.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const list = tool(
  {
    name: "list",
    description: "Defaults and limits.",
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
  },
  async (given) => {
    // given: { both?, day?, flag?, kind?, level?, limit?, maybe?, mode?, query?, ratio?, sort?, tags?, unit?, verbose? }
    throw notImplemented("list");
  },
);
