// The unit converter as an MCP server on stdio, written with the official TypeScript SDK.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const METRES = { mi: 1609.344, km: 1000 };
const server = new McpServer({ name: "converter", version: "1.0.0" });

server.registerTool(
  "convert",
  {
    description: "Convert a value from one unit to another",
    inputSchema: { value: z.number(), from: z.string(), to: z.string() },
    outputSchema: { value: z.number(), unit: z.string(), quantity: z.string() },
  },
  async ({ value, from, to }) => {
    const converted = { value: (value * METRES[from]) / METRES[to], unit: to, quantity: "length" };
    return { content: [{ type: "text", text: JSON.stringify(converted) }], structuredContent: converted };
  },
);

await server.connect(new StdioServerTransport());
