// What the compiler says about tools. `npm run check` checks it; nothing here runs.
import { jsonSchema, kv, tool } from "@mpp-protocol/sdk";
import { McpServer } from "@mpp-protocol/sdk/mcp";
import * as z from "zod";

const Item = z.object({ t: z.string() });

const list = tool(
  { name: "list", description: "x", parameters: z.object({ k: z.string(), n: z.int().default(1) }), returns: z.array(Item) },
  async ({ k, n }) => [{ t: k.repeat(n) }],
);
export const listed: Promise<{ t: string }[]> = list({ k: "1" });

const open = tool({ name: "open", description: "x", parameters: { type: "object" } }, (given) => given.anything);
export const opened: Promise<unknown> = open({ anything: 1 });

const plain = tool({ name: "plain", description: "x" }, () => "text");
export const text: Promise<string> = plain({});
export const count: Promise<number | undefined> = kv.get<number>("x");

interface Range {
  from: number;
  to?: number;
}

const range = tool(
  {
    name: "range",
    description: "x",
    parameters: jsonSchema<Range>({ type: "object" }),
    returns: jsonSchema<{ size: number }>({ type: "object" }),
  },
  async ({ from, to }) => ({ size: (to ?? 0) - from }),
);
export const size: Promise<{ size: number }> = range({ from: 1 });
export const unwritten: Promise<string> = tool({ name: "u", description: "x", parameters: jsonSchema<Range>({}) }, async (): Promise<string> => {
  throw new Error("x");
})({ from: 1 });

// @ts-expect-error the argument `from` is missing
range({ to: 1 });
// @ts-expect-error the result does not have the type of the schema
tool({ name: "wrong", description: "x", returns: jsonSchema<Range>({}) }, () => ({ size: 1 }));
// @ts-expect-error the result does not fit `returns`
tool({ name: "wrong", description: "x", returns: Item }, () => ({ t: 1 }));
// @ts-expect-error an argument has the wrong type
list({ k: 1 });
// @ts-expect-error there is no such option
tool({ name: "option", description: "x", readonly: true }, () => 1);

const server = new McpServer({ name: "types", version: "1.0.0" });
server.registerTool(
  "shapes",
  { description: "x", inputSchema: { k: z.string(), n: z.int().default(1), o: z.string().optional() }, outputSchema: { t: z.string() } },
  async ({ k, n, o }) => ({ content: [{ type: "text", text: k }], structuredContent: { t: k.repeat(n) + (o?.length ?? 0) } }),
);
server.registerTool("none", { description: "x" }, () => ({ content: [] }));
// @ts-expect-error there is no such argument
server.registerTool("wrong_name", { description: "x", inputSchema: { k: z.string() } }, ({ l }) => ({ content: [l] }));
// @ts-expect-error an argument may be absent
server.registerTool("absent", { description: "x", inputSchema: { o: z.string().optional() } }, ({ o }) => ({ content: [], n: o.length }));
// @ts-expect-error a package has no instructions
export const instructed = new McpServer({ name: "types", version: "1.0.0" }, { instructions: "Call shapes." });
