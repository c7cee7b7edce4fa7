// The tool `Odd_Name_2`.
import { jsonSchema, tool } from "@mpp-protocol/sdk";

import parameters from "../../schemas/odd_name_2.json" with { type: "json" };
import { notImplemented } from "../not_implemented.js";

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
    parameters: jsonSchema(parameters),
    securityLevel: "medium",
    readOnly: true,
  },
  async (given) => {
    // given: { ""?, "$ref"?, "2nd"?, Self?, "a/b~c"?, crate?, "foo-bar"?, fooBar?, foo_bar?, ref?, self?, static?, "tool\u{202e}"?, type, "名前"? }
    throw notImplemented("Odd_Name_2");
  },
);
