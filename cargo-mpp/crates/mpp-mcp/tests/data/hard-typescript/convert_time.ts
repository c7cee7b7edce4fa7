// The tool `convert_time`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/convert_time.json" with { type: "json" };
import returns from "../../schemas/convert_time.returns.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `convert_time`. */
export interface ConvertTimeArguments {
  /** Zone such as `Europe/Paris`. */
  source_timezone: string;
  target_timezone: string;
  time: string;
}

export interface TimeConversionResult {
  source: TimeResult;
  target: TimeResult;
  time_difference: string;
}

export interface TimeResult {
  is_dst: boolean;
  note?: string;
  timezone: string;
}

export const convertTime = tool(
  {
    name: "convert_time",
    title: "Convert",
    description: "Convert a time between two zones.",
    parameters: jsonSchema<ConvertTimeArguments>(parameters),
    returns: jsonSchema<TimeConversionResult>(returns),
    readOnly: true,
    destructive: false,
    idempotent: true,
    openWorld: false,
  },
  async (given): Promise<TimeConversionResult> => {
    throw notImplemented("convert_time");
  },
);
