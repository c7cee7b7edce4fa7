// The tools by which the SDK is checked: `mpp conformance . --complete`.
import { tool, ToolError } from "@mpp-protocol/sdk";
import * as z from "zod";

const line = z.object({ line: z.string().describe("The line.") });

tool(
  {
    name: "conformance_echo",
    description: "Returns the text, its length and the number.",
    parameters: z.object({
      text: z.string().describe("A text."),
      number: z.number().optional().describe("A number."),
    }),
    returns: z.object({
      text: z.string().describe("The text."),
      characters: z.int().describe("The number of its Unicode code points."),
      number: z.number().optional().describe("The number."),
    }),
  },
  ({ text, number }) => {
    let characters = 0;
    for (const _ of text) {
      characters += 1;
    }
    return { text, characters, number };
  },
);

tool(
  {
    name: "conformance_fail",
    description: "Fails.",
    parameters: z.object({
      code: z.string().describe("The code."),
      message: z.string().describe("The message."),
      retryable: z.boolean().describe("Whether the call may succeed later."),
    }),
  },
  ({ code, message, retryable }): string => {
    throw new ToolError(code, message, { retryable });
  },
);

tool({ name: "conformance_crash", description: "Crashes." }, (): string => {
  const nothing: { text: string } = JSON.parse("null");
  return nothing.text;
});

tool({ name: "conformance_log", description: "Writes to the log.", parameters: line }, ({ line }) => {
  console.error(line);
  return "logged";
});

tool({ name: "conformance_print", description: "Prints.", parameters: line }, ({ line }) => {
  console.log(line);
  return "printed";
});

tool({ name: "conformance_spin", description: "Never ends." }, (): string => {
  for (;;) {}
});

tool(
  {
    name: "conformance_allocate",
    description: "Allocates memory.",
    parameters: z.object({ mebibytes: z.int().min(0).describe("How much.") }),
  },
  ({ mebibytes }) => {
    const memory = new Uint8Array(mebibytes * 1024 * 1024);
    for (let at = 0; at < memory.length; at += 4096) {
      memory[at] = 1;
    }
    return "allocated";
  },
);

tool(
  {
    name: "conformance_clock",
    description: "Returns the time.",
    returns: z.object({ unix_ms: z.int().describe("Milliseconds since 1970.") }),
  },
  () => ({ unix_ms: Date.now() }),
);

tool(
  {
    name: "conformance_random",
    description: "Returns random bytes.",
    returns: z.object({ hex: z.string().describe("16 bytes in hexadecimal.") }),
  },
  () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return { hex: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  },
);

let calls = 0;

tool(
  {
    name: "conformance_count",
    description: "Counts calls.",
    returns: z.object({ count: z.int().describe("The number of calls.") }),
  },
  () => ({ count: ++calls }),
);
