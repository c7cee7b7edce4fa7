// The tool `Odd_Name_2`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/odd_name_2.json" with { type: "json" };
import { notImplemented } from "../not_implemented.ts";

/** The arguments of `Odd_Name_2`. */
export interface OddName2Arguments {
  /** About ``. */
  ""?: string;
  /** About `$ref`. */
  "$ref"?: string;
  /** About `2nd`. */
  "2nd"?: string;
  /** About `Self`. */
  Self?: string;
  /** About `a/b~c`. */
  "a/b~c"?: string;
  /** About `crate`. */
  crate?: string;
  /** About `foo-bar`. */
  "foo-bar"?: string;
  /** About `fooBar`. */
  fooBar?: string;
  /** About `foo_bar`. */
  foo_bar?: string;
  /** About `ref`. */
  ref?: string;
  /** About `self`. */
  self?: string;
  /** About `static`. */
  static?: string;
  /** About `tool\u{202e}`. */
  "tool\u{202e}"?: string;
  /** About `type`. */
  type: string;
  /** About `名前`. */
  "名前"?: string;
}

export const oddName2 = tool(
  {
    name: "Odd_Name_2",
    description:
      "Parameters that Rust cannot name.\n" +
      "\n" +
      "```\n" +
      "let x = 1; /* */\n" +
      "```\n" +
      "\n" +
      "    indented();\n" +
      "\n" +
      "A \"quote\", \\ and \u{202e}bidi\u{202c}, \u{1b}[31mred\u{1b}[0m, é 名 */ <b>",
    parameters: jsonSchema<OddName2Arguments>(parameters),
    securityLevel: "medium",
    readOnly: true,
  },
  async (given): Promise<string> => {
    throw notImplemented("Odd_Name_2");
  },
);
