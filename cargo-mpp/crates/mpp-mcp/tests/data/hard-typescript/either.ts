// The tool `either`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/either.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `either`. */
export interface EitherArguments {
  id?: number;
  name?: string;
}

export const either = tool(
  {
    name: "either",
    description: "Combined arguments.",
    parameters: jsonSchema<EitherArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("either");
  },
);
