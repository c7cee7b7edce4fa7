// The tool `any_keys`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/any_keys.json" with { type: "json" };
import returns from "../../schemas/any_keys.returns.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

export const anyKeys = tool(
  {
    name: "any_keys",
    description: "Takes whatever it is given.",
    parameters: jsonSchema(parameters),
    returns: jsonSchema(returns),
    securityLevel: "medium",
  },
  async (given) => {
    throw notImplemented("any_keys");
  },
);
