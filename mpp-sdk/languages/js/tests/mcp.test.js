// `McpServer`: tools as MCP's TypeScript SDK registers them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { DeniedError, handle, HostError, ToolError } from "../src/index.js";
import { McpServer } from "../src/mcp.js";

/** A schema of a library that follows the Standard Schema. It converts nothing but an absent value to `absent`. */
function schema(type, { optional = false, absent } = {}) {
  const validate = (value) => {
    if (value === undefined && (optional || absent !== undefined)) {
      return { value: absent };
    }
    return typeof value === type ? { value } : { issues: [{ message: `expected a ${type}` }] };
  };
  const json = () => ({ $schema: "https://json-schema.org/draft/2020-12/schema", type });
  return { "~standard": { version: 1, vendor: "test", validate, jsonSchema: { input: json, output: json } } };
}

const server = new McpServer({ name: "server", version: "1.0.0" }, { capabilities: { tools: {} } });

async function called(name, given) {
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } };
  return JSON.parse(await handle(JSON.stringify(request)));
}

test("the members of an object become its schema", () => {
  const echo = server.registerTool(
    "shapes",
    {
      title: "Shapes",
      description: "Return the arguments.",
      inputSchema: { text: schema("string"), note: schema("string", { optional: true }), times: schema("number", { absent: 1 }) },
      outputSchema: { text: schema("string"), note: schema("string", { optional: true }), times: schema("number", { absent: 1 }) },
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    async (given) => ({ content: [], structuredContent: given }),
  );
  const properties = { text: { type: "string" }, note: { type: "string" }, times: { type: "number" } };
  assert.deepEqual(echo.definition, {
    name: "shapes",
    title: "Shapes",
    description: "Return the arguments.",
    parameters: { type: "object", properties, required: ["text"], additionalProperties: false },
    returns: { type: "object", properties, required: ["text", "times"] },
    security_level: "low",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  });
});

test("defaults are filled in, and mistakes name their argument", async () => {
  assert.deepEqual((await called("shapes", { text: "a" })).result.structuredContent, { text: "a", times: 1 });
  const { error } = await called("shapes", { text: "a", times: "b" });
  assert.equal(error.data.kind, "invalid_arguments");
  assert.match(error.message, /`\/times`: expected a number/);
});

test("a result is passed on as it is", async () => {
  server.registerTool("results", { description: "x" }, () => ({
    content: [{ type: "text", text: "done" }, { type: "image", data: "AA==", mimeType: "image/png" }],
    structuredContent: { success: true },
  }));
  assert.deepEqual((await called("results", {})).result, {
    content: [{ type: "text", text: "done" }, { type: "image", data: "AA==", mimeType: "image/png" }],
    structuredContent: { success: true },
    isError: false,
  });
  server.registerTool("nothing", { description: "x" }, () => "a text");
  assert.deepEqual((await called("nothing", {})).result, { content: [], isError: false });
  server.registerTool("wrong", { description: "x" }, () => ({ content: "a text" }));
  await assert.rejects(called("wrong", {}), /`wrong` returned no result/);
});

test("the message of an exception is the error, as in MCP", async () => {
  const thrown = { plain: new Error("no such entity"), own: new ToolError("not_found", "not there", { retryable: true }) };
  thrown.host = new TypeError("fetch failed", { cause: new HostError("timeout", "no response in time") });
  thrown.bug = new RangeError("out of range");
  thrown.denied = new Error("cannot fetch", { cause: new DeniedError("the manifest does not declare it") });
  server.registerTool("throws", { description: "x", inputSchema: { what: schema("string") } }, ({ what }) => {
    throw thrown[what];
  });
  server.registerTool("is_error", { description: "x" }, () => ({ content: [{ type: "text", text: "too late" }], isError: true }));
  const error = async (name, given) => {
    const { message, data } = (await called(name, given)).error;
    return [message, data.kind, data.code];
  };
  assert.deepEqual(await error("throws", { what: "plain" }), ["no such entity", "tool_error", "failed"]);
  assert.deepEqual(await error("throws", { what: "own" }), ["not there", "tool_error", "not_found"]);
  assert.deepEqual(await error("throws", { what: "host" }), ["TypeError: fetch failed", "tool_error", "timeout"]);
  // Elsewhere, this is a crash; a client of MCP gets the message.
  assert.deepEqual(await error("throws", { what: "bug" }), ["out of range", "tool_error", "failed"]);
  assert.deepEqual(await error("throws", { what: "denied" }), ["the manifest does not declare it", "capability_denied", undefined]);
  assert.deepEqual(await error("is_error", {}), ["too late", "tool_error", "failed"]);
});

test("what a package cannot be is refused when it is built", () => {
  const run = () => ({ content: [] });
  assert.throws(() => server.registerTool("unknown", { description: "x", input: {} }, run), /there is no option `input`/);
  assert.throws(() => server.registerTool("undescribed", {}, run), /it has no `description`/);
  assert.throws(() => server.registerResource("graph"), /packages have no resources: .*`graph`/);
  assert.throws(() => server.registerPrompt("ask"), /packages have no prompts: .*`ask`/);
  assert.throws(() => new McpServer({ name: "a", version: "1" }, { instructions: "Call a first." }), /packages have no instructions/);
  const recursive = schema("object");
  recursive["~standard"].jsonSchema.input = () => ({ $ref: "#/$defs/a" });
  const add = (name, inputSchema) => server.registerTool(name, { description: "x", inputSchema }, run).definition;
  assert.throws(() => add("recursive", { tree: recursive }), /schema of `tree` has a name or contains itself/);
  assert.throws(() => add("plain", { text: { minLength: 1 } }), /schema of `text`: expected one of zod or valibot/);
});

test("a schema of the whole object is used as it is", () => {
  const add = (name, inputSchema) => server.registerTool(name, { description: "x", inputSchema }, () => ({})).definition.parameters;
  assert.deepEqual(add("json", { type: "object", properties: {} }), { type: "object", properties: {}, additionalProperties: false });
  assert.deepEqual(add("whole", schema("object")), { type: "object" });
});
