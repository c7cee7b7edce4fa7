// The tool `convert_time`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/convert_time.json" with { type: "json" };
import returns from "../../schemas/convert_time.returns.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const convertTime = tool(
  {
    name: "convert_time",
    title: "Convert",
    description: "Convert a time between two zones.",
    parameters: jsonSchema(parameters),
    returns: jsonSchema(returns),
    readOnly: true,
    destructive: false,
    idempotent: true,
    openWorld: false,
  },
  async (given) => {
    // given: { source_timezone, target_timezone, time }
    throw notImplemented("convert_time");
  },
);
