// The tool `many`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/many.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `many`. */
export interface ManyArguments {
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_0: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_1: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_10?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_11?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_2: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_3?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_4?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_5?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_6?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_7?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_8?: string;
  /**
   * Line one.
   *
   * - item
   *
   *       code
   */
  argument_9?: string;
}

export const many = tool(
  {
    name: "many",
    description: "Many arguments.",
    parameters: jsonSchema<ManyArguments>(parameters),
    securityLevel: "medium",
  },
  async (given): Promise<string> => {
    throw notImplemented("many");
  },
);
