// Tools, schemas, results and errors, as another host or a test sees them.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { clearState, DeniedError, env, handle, HostError, image, jsonSchema, kv, text, tool, ToolError } from "../src/index.js";

/** A schema of a library that follows the Standard Schema, with its JSON Schema. */
function schema(validate, json) {
  return { "~standard": { version: 1, vendor: "test", validate, jsonSchema: { input: () => json, output: () => json } } };
}

const named = schema(
  (value) =>
    typeof value.name === "string"
      ? { value: { times: 1, ...value } }
      : { issues: [{ path: ["name"], message: "expected a string" }] },
  {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { name: { type: "string" }, times: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER } },
    required: ["name"],
  },
);

const greet = tool(
  { name: "greet", title: "Greet", description: "Greet somebody.", parameters: named, readOnly: true, securityLevel: "medium" },
  ({ name, times }) => `Hello, ${name}!`.repeat(times),
);

async function called(name, given) {
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } };
  return JSON.parse(await handle(JSON.stringify(request)));
}

beforeEach(clearState);

test("a definition has what an agent reads", () => {
  assert.deepEqual(greet.definition, {
    name: "greet",
    title: "Greet",
    description: "Greet somebody.",
    parameters: {
      type: "object",
      properties: { name: { type: "string" }, times: { type: "integer", minimum: 1 } },
      required: ["name"],
      additionalProperties: false,
    },
    security_level: "medium",
    annotations: { readOnlyHint: true },
  });
});

test("a tool is called like a function, with its arguments validated", async () => {
  assert.equal(await greet({ name: "Ada" }), "Hello, Ada!");
  await assert.rejects(greet({ name: 1 }), { message: "the arguments do not fit `greet`: `/name`: expected a string" });
  await assert.rejects(greet({ nam: "Ada" }), {
    message: "the arguments do not fit `greet`: `/nam`: there is no such argument; did you mean `name`?",
  });
  await assert.rejects(greet([]), { message: "the arguments do not fit `greet`: expected an object, found an array" });
});

test("definitions are listed by name", async () => {
  tool({ name: "another", description: "x" }, () => undefined);
  const { result } = JSON.parse(await handle('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'));
  assert.deepEqual(
    result.tools.map(({ name }) => name),
    ["another", "greet"],
  );
  assert.deepEqual(result.tools[0].parameters, { type: "object", properties: {}, additionalProperties: false });
});

test("tools that cannot be published are refused at once", () => {
  const refused = (options, message, run = () => 1) => assert.throws(() => tool(options, run), { name: "TypeError", message });
  refused({ name: "a b", description: "x" }, /"a b" is not a tool name/);
  refused({ description: "x" }, /undefined is not a tool name/);
  refused({ name: "greet", description: "x" }, /two tools are named `greet`/);
  refused({ name: "t1" }, /it has no `description`/);
  refused({ name: "t2", description: "x", readonly: true }, /there is no option `readonly`; the options are name,/);
  refused({ name: "t3", description: "x", securityLevel: "severe" }, /expected one of low, medium, high, critical, found "severe"/);
  refused({ name: "t4", description: "x" }, /expected a function/, null);
});

test("a JSON Schema that names no arguments stays open", () => {
  const anything = tool({ name: "anything", description: "x", parameters: { type: "object" } }, () => 1);
  assert.deepEqual(anything.definition.parameters, { type: "object" });
});

test("schemas that are no JSON Schema say what to do", () => {
  const without = (vendor) => ({ "~standard": { version: 1, vendor, validate: (value) => ({ value }) } });
  const refused = (name, parameters, message) => {
    const call = tool({ name, description: "x", parameters }, () => 1);
    assert.throws(() => call.definition, { message });
  };
  refused("s1", without("zod"), /use `zod` 4.2 or newer/);
  refused("s2", without("valibot"), /wrap it in `toStandardJsonSchema`/);
  refused("s3", without("other"), /pass a JSON Schema/);
  refused("s4", 5, /expected a schema of zod or valibot, or a JSON Schema/);
  refused("s5", { type: "string" }, /expected the schema of an object/);
});

test("a JSON Schema can be published as it is", async () => {
  const open = { $schema: "http://json-schema.org/draft-07/schema#", type: "object", properties: { from: { type: "string" } } };
  const result = { type: "object", properties: {} };
  const call = tool(
    { name: "exact", description: "x", parameters: jsonSchema(open), returns: jsonSchema(result) },
    (given) => given,
  );
  assert.deepEqual(call.definition.parameters, open);
  assert.deepEqual(call.definition.returns, result);
  assert.deepEqual(await call({ from: "a", other: 1 }), { from: "a", other: 1 });
  open.properties = {};
  assert.deepEqual(call.definition.parameters.properties, { from: { type: "string" } }, "a later change changes nothing");
  const closed = tool({ name: "closed", description: "x", parameters: open }, () => 1);
  assert.equal(closed.definition.parameters.additionalProperties, false, "the same object, without the function");
  for (const wrong of [undefined, null, "a", [], named]) {
    assert.throws(() => jsonSchema(wrong), { name: "TypeError", message: /expected a JSON Schema/ });
  }
  const list = tool({ name: "not_object", description: "x", parameters: jsonSchema({ type: "array" }) }, () => 1);
  assert.throws(() => list.definition, { message: /expected the schema of an object/ });
});

test("text, content and data become results", async () => {
  const results = { t: "plain", c: text("a"), i: [image(Uint8Array.of(1, 2, 3, 4), "image/png"), text("b")], d: { n: 1 }, l: [], u: undefined };
  tool({ name: "give", description: "x", parameters: { type: "object" } }, ({ what }) => results[what]);
  const given = async (what) => (await called("give", { what })).result;
  assert.deepEqual(await given("t"), { content: [{ type: "text", text: "plain" }], isError: false });
  assert.deepEqual(await given("c"), { content: [{ type: "text", text: "a" }], isError: false });
  assert.deepEqual((await given("i")).content[0], { type: "image", data: "AQIDBA==", mimeType: "image/png" });
  assert.deepEqual(await given("d"), { content: [], structuredContent: { n: 1 }, isError: false });
  assert.deepEqual((await given("l")).structuredContent, []);
  assert.deepEqual((await given("u")).structuredContent, {});
});

test("what cannot be written as JSON is an error of the tool", async () => {
  const ring = {};
  ring.ring = ring;
  tool({ name: "ring", description: "x" }, () => ring);
  tool({ name: "big", description: "x" }, () => ({ n: 1n }));
  for (const name of ["ring", "big"]) {
    const { error } = await called(name, {});
    assert.equal(error.data.kind, "tool_error");
  }
});

/** Returns the mistakes of a call. */
async function mistakes(name, given) {
  const { error } = await called(name, given);
  assert.deepEqual([error.code, error.data.kind, error.data.tool], [-32602, "invalid_arguments", name]);
  assert.equal(error.data.pointer, error.data.mistakes[0].pointer);
  return error.data.mistakes;
}

test("all mistakes are reported at once, with their places and the nearest names", async () => {
  const validate = (value) => ({
    issues: [
      // A library reports a member that is missing as one of another type.
      ...(value.query === undefined ? [{ path: ["query"], message: "expected a string, received undefined" }] : []),
      { path: [{ key: "list" }, 1, "a/b"], message: "expected a number" },
      { path: ["inner"], message: "unrecognized key", code: "unrecognized_keys", keys: ["x"] },
      { path: [], message: "unrecognized key", code: "unrecognized_keys", keys: ["qery"] },
    ],
  });
  const properties = { query: { type: "string" }, list: { type: "array" }, inner: { type: "object" } };
  tool({ name: "several", description: "x", parameters: schema(validate, { type: "object", properties }) }, () => 1);
  const given = { qery: "a", list: [0, { "a/b": "x" }], inner: { x: 1 } };
  assert.deepEqual(await mistakes("several", given), [
    { pointer: "/qery", message: "there is no such argument", nearest: "query" },
    { pointer: "/list/1/a~1b", message: "expected a number" },
    { pointer: "/inner/x", message: "there is no such member" },
  ]);
  assert.deepEqual((await mistakes("several", { list: [0, { "a/b": "x" }], inner: { x: 1 } }))[0], { pointer: "/query", message: "is missing" });
});

test("unknown arguments are refused, also if the library leaves them out", async () => {
  const validate = ({ name }) => ({ value: { name } });
  const open = { type: "object", properties: { name: {} }, additionalProperties: true };
  const closed = { type: "object", properties: { name: {} } };
  tool({ name: "strips", description: "x", parameters: schema(validate, closed) }, () => "done");
  tool({ name: "allows", description: "x", parameters: schema(validate, open) }, () => "done");
  tool({ name: "renames", description: "x", parameters: schema(({ name }) => ({ value: { n: name } }), closed) }, ({ n }) => n);
  assert.deepEqual(await mistakes("strips", { name: 1, other: 1 }), [
    { pointer: "/other", message: "there is no such argument, expected `name`" },
  ]);
  assert.equal((await called("allows", { name: 1, other: 1 })).result.content[0].text, "done");
  assert.equal((await called("renames", { name: "Ada" })).result.content[0].text, "Ada");
});

test("null stands for an optional argument that is left out", async () => {
  const number = { type: "object", properties: { n: { $ref: "#/$defs/n" }, m: { type: ["null", "integer"] } }, required: [], $defs: { n: { type: "integer" } } };
  const validate = (value) => (value.n === null ? { issues: [{ path: ["n"], message: "null" }] } : { value: { n: 3, m: 1, ...value } });
  tool({ name: "nulls", description: "x", parameters: schema(validate, number) }, ({ n, m }) => ({ n, m }));
  tool({ name: "plain_nulls", description: "x", parameters: number }, ({ n = 3, m = 1 }) => ({ n, m }));
  for (const name of ["nulls", "plain_nulls"]) {
    assert.deepEqual((await called(name, { n: null, m: null })).result.structuredContent, { n: 3, m: null });
  }
});

test("arguments are checked against a JSON Schema", async () => {
  const parameters = {
    type: "object",
    properties: {
      query: { type: "string", minLength: 2, maxLength: 5, pattern: "^a" },
      limit: { type: "integer", minimum: 1, maximum: 9 },
      order: { enum: ["name", "size"] },
      tree: { $ref: "#/$defs/tree" },
      either: { anyOf: [{ type: "string" }, { type: "object", properties: { a: { type: "number" } }, required: ["a"] }] },
    },
    required: ["query"],
    $defs: { tree: { type: "object", properties: { below: { type: "array", maxItems: 1, items: { $ref: "#/$defs/tree" } } }, additionalProperties: false } },
  };
  tool({ name: "checked", description: "x", parameters }, () => "done");
  const valid = { query: "ab", limit: 9, order: "size", tree: { below: [{ below: [] }] }, either: { a: 1.5 } };
  assert.equal((await called("checked", valid)).result.content[0].text, "done");
  assert.equal((await called("checked", { query: "a😀" })).result.content[0].text, "done");
  for (const [given, pointer, message, nearest] of [
    [{}, "/query", "is missing"],
    [{ qurey: "ab" }, "/qurey", "there is no such argument", "query"],
    [{ query: 7 }, "/query", "expected a string, found an integer"],
    [{ query: "a" }, "/query", "expected at least 2 characters, found 1"],
    [{ query: "abcdef" }, "/query", "expected at most 5 characters, found 6"],
    [{ query: "ba" }, "/query", "expected a string that matches `^a`"],
    [{ query: "ab", limit: 1.5 }, "/limit", "expected an integer, found a number"],
    [{ query: "ab", limit: 0 }, "/limit", "expected at least 1, found 0"],
    [{ query: "ab", limit: 10 }, "/limit", "expected at most 9, found 10"],
    [{ query: "ab", order: "nmae" }, "/order", "expected one of `name`, `size`", "name"],
    [{ query: "ab", tree: { below: [{ blow: [] }] } }, "/tree/below/0/blow", "there is no such member", "below"],
    [{ query: "ab", tree: { below: [{}, {}] } }, "/tree/below", "expected at most 1 items, found 2"],
    [{ query: "ab", either: { a: "x" } }, "/either/a", "expected a number, found a string"],
  ]) {
    assert.deepEqual(await mistakes("checked", given), [{ pointer, message, ...(nearest && { nearest }) }]);
  }
  assert.equal((await mistakes("checked", { query: "ab", ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`zzzzzz${i}`, 1])) })).length, 20);
  tool({ name: "none", description: "x" }, () => "done");
  assert.deepEqual(await mistakes("none", { a: 1 }), [{ pointer: "/a", message: "there is no such argument; there are no arguments" }]);
});

test("a mistake of the tool is a crash, and other exceptions are errors", async () => {
  const thrown = {
    type: () => undefined.name,
    reference: () => nothing,
    range: () => "x".repeat(-1),
    cause: () => new ToolError("down", "no answer", { cause: new TypeError("x") }),
    data: () => JSON.parse("{"),
    error: () => new Error("no such city"),
  };
  tool({ name: "throw", description: "x", parameters: { type: "object" } }, ({ what }) => {
    throw thrown[what]();
  });
  await assert.rejects(called("throw", { what: "type" }), TypeError);
  await assert.rejects(called("throw", { what: "reference" }), ReferenceError);
  await assert.rejects(called("throw", { what: "range" }), RangeError);
  assert.equal((await called("throw", { what: "cause" })).error.data.code, "down");
  assert.equal((await called("throw", { what: "data" })).error.data.code, "failed");
  assert.match((await called("throw", { what: "error" })).error.message, /^no such city \(.*tool\.test\.js:\d+\)$/);
});

test("halves of surrogate pairs are replaced, and nothing else", async () => {
  tool({ name: "echo", description: "x", parameters: { type: "object" } }, ({ value }) => ({ value }));
  const request = (value) => JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "echo", arguments: { value } } });
  const echoed = async (value) => JSON.parse(await handle(request(value))).result.structuredContent.value;
  assert.equal(await echoed("a\ud800b"), "a\ufffdb");
  assert.equal(await echoed("\udc00"), "\ufffd");
  assert.equal(await echoed("\ud83d\ude00 \\ud800 \\\\ud800"), "\ud83d\ude00 \\ud800 \\\\ud800");
  assert.ok(!/\\ud8/i.test(await handle(request("\ud800\\ud800\ud800").replace("\\\\ud800", "x"))));
});

test("errors become errors of the protocol", async () => {
  const thrown = {
    own: () => new ToolError("not_found", "nobody", { retryable: true }),
    plain: () => new Error("x is undefined"),
    denied: () => new TypeError("fetch failed", { cause: new DeniedError("not declared", { variable: "KEY" }) }),
    host: () => new TypeError("fetch failed", { cause: new HostError("connection", "refused") }),
    wrapped: () => new ToolError("down", "no answer", { cause: new DeniedError("not declared") }),
    text: () => "just text",
    nothing: () => undefined,
  };
  tool({ name: "fail", description: "x", parameters: { type: "object" } }, ({ what }) => {
    throw thrown[what]();
  });
  const error = async (what) => (await called("fail", { what })).error;
  assert.deepEqual(await error("own"), {
    code: -31000,
    message: "nobody",
    data: { kind: "tool_error", code: "not_found", retryable: true },
  });
  assert.match((await error("plain")).message, /^x is undefined \(.*tool\.test\.js:\d+\)$/);
  assert.deepEqual(await error("denied"), {
    code: -31001,
    message: "not declared",
    data: { kind: "capability_denied", variable: "KEY" },
  });
  assert.deepEqual((await error("host")).data, { kind: "tool_error", code: "connection", retryable: true });
  assert.equal((await error("wrapped")).data.kind, "capability_denied");
  assert.equal((await error("text")).message, "just text");
  assert.equal((await error("nothing")).message, "undefined");
});

test("requests that are wrong get the errors of JSON-RPC", async () => {
  const kind = async (line) => {
    const { error } = JSON.parse(await handle(line));
    return [error.code, error.data.kind];
  };
  assert.deepEqual(await kind("{"), [-32700, "parse_error"]);
  assert.deepEqual(await kind("[]"), [-32600, "invalid_request"]);
  assert.deepEqual(await kind('{"jsonrpc":"2.0","id":1}'), [-32600, "invalid_request"]);
  assert.deepEqual(await kind('{"jsonrpc":"2.0","id":1,"method":"x"}'), [-32601, "method_not_found"]);
  assert.deepEqual(await kind('{"jsonrpc":"2.0","id":1,"method":"tools/call"}'), [-32600, "invalid_request"]);
  const unknown = (await called("gret", {})).error;
  assert.deepEqual(unknown.data, { kind: "unknown_tool", tool: "gret", nearest: "greet" });
  assert.equal(unknown.message, "there is no tool `gret`; did you mean `greet`?");
  assert.match((await called("zzzzzzzzzzzz", {})).error.message, /^there is no tool `zzzzzzzzzzzz`; the tools are .*`greet`/);
});

test("a variable that is not set is denied", () => {
  process.env.MPP_SET = "value";
  assert.equal(env("MPP_SET"), "value");
  assert.throws(() => env("MPP_NOT_SET"), { name: "DeniedError", variable: "MPP_NOT_SET" });
});

test("the state of tests behaves like that of the host", async () => {
  assert.equal(await kv.get("a"), undefined);
  await kv.set("a", { n: [1, "ü"] });
  assert.deepEqual(await kv.get("a"), { n: [1, "ü"] });
  await kv.setText("b", "text");
  assert.equal(await kv.getText("b"), "text");
  assert.equal(await kv.increment("n", 5), 5);
  assert.equal(await kv.increment("n", -7), -2);
  await assert.rejects(kv.increment("b"), { code: "invalid" });
  assert.deepEqual(await kv.list(), ["a", "b", "n"]);
  assert.deepEqual(await kv.list({ after: "a", limit: 1 }), ["b"]);
  assert.equal(await kv.compareAndSwap("b", "other", "x"), false);
  assert.equal(await kv.compareAndSwap("b", "text", "x"), true);
  assert.equal(await kv.compareAndSwap("new", undefined, "x"), true);
  assert.equal(await kv.compareAndSwap("new", "x", undefined), true);
  assert.equal(await kv.getBytes("new"), undefined);
  assert.equal(await kv.delete("a"), true);
  assert.equal(await kv.delete("a"), false);
  await assert.rejects(kv.get(""), { code: "invalid" });
  await assert.rejects(kv.get("k".repeat(1025)), { code: "too_large" });
  await assert.rejects(kv.set("a", undefined), { name: "TypeError" });
  for (const ttl of [-1, 0, NaN]) {
    await assert.rejects(kv.set("a", 1, { ttl }), { name: "RangeError" });
  }
  await assert.rejects(kv.list({ limit: 0 }), { name: "RangeError" });
});

test("values in the state of tests expire", async (t) => {
  let now = 0;
  t.mock.method(Date, "now", () => now);
  await kv.set("soon", 1, { ttl: 1000 });
  await kv.compareAndSwap("swapped", undefined, "x", { ttl: 1000 });
  await kv.set("never", 1);
  now = 999;
  assert.equal(await kv.increment("soon"), 2);
  assert.deepEqual(await kv.list(), ["never", "soon", "swapped"]);
  now = 1000;
  assert.equal(await kv.get("soon"), undefined);
  assert.equal(await kv.delete("swapped"), false);
  assert.deepEqual(await kv.list(), ["never"]);
});
