// A tool for AI agents. An agent reads the descriptions; the schemas become the definition of the tool, and its types.
import { tool, ToolError } from "@mpp-protocol/sdk";
import * as z from "zod";

export const greet = tool(
  {
    name: "greet",
    description: "Greet somebody by name.",
    parameters: z.object({
      name: z.string().min(1).describe("The name."),
      times: z.int().min(1).max(5).default(1).describe("The number of greetings."),
    }),
    returns: z.object({
      text: z.string().describe("The text."),
      times: z.int().describe("The number of times that the name occurs in it."),
    }),
    readOnly: true,
  },
  ({ name, times }) => {
    if (name.trim() === "") {
      throw new ToolError("no_name", "the name is blank");
    }
    const text = Array.from({ length: times }, () => `Hello, ${name}!`).join(" ");
    return { text, times };
  },
);
