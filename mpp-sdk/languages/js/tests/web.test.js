// The parts of the web platform that the SDK brings, on a stand-in for the engine.
import assert from "node:assert/strict";
import { test } from "node:test";

import { host, message } from "./engine.js";

const { fetch, Headers, Request, Response } = await import("../src/web/fetch.js");
const { AbortController, AbortSignal } = await import("../src/web/abort.js");
const { TextDecoder: Decoder, TextEncoder: Encoder } = await import("../src/web/text.js");
const { console: own } = await import("../src/web/console.js");
const { crypto: random } = await import("../src/web/crypto.js");
const { structuredClone: clone } = await import("../src/web/clone.js");
const timers = await import("../src/web/timers.js");

function answer(status, headers, body, url = "https://api.example.com/v1") {
  host.sent = [];
  host.status = 0;
  host.reply = message({ status, url, headers }, new TextEncoder().encode(body));
}

function refuse(status, text) {
  host.status = status;
  host.reply = new TextEncoder().encode(text);
}

test("a request is sent with its method, headers and body", async () => {
  answer(201, [["content-type", "application/json"], ["x-a", "1"], ["x-a", "2"]], '{"n":1}');
  const response = await fetch(new URL("https://api.example.com/v1?q=a b"), {
    method: "post",
    headers: { "X-Key": " k " },
    body: JSON.stringify({ ü: 1 }),
  });
  const { head, body } = host.sent[0];
  assert.deepEqual(head, {
    method: "POST",
    url: "https://api.example.com/v1?q=a%20b",
    headers: [["content-type", "text/plain;charset=UTF-8"], ["x-key", "k"]],
  });
  assert.equal(body, '{"ü":1}');
  assert.equal(response.status, 201);
  assert.equal(response.ok, true);
  assert.equal(response.headers.get("X-A"), "1, 2");
  assert.equal(response.redirected, true);
  assert.deepEqual(await response.clone().json(), { n: 1 });
  assert.equal(await response.text(), '{"n":1}');
  await assert.rejects(response.text(), { name: "TypeError", message: "the body has already been read" });
});

test("redirects and timeouts are passed to the host", async () => {
  answer(302, [], "");
  await fetch("https://a.example/", { redirect: "manual", signal: AbortSignal.timeout(5000) });
  const { head } = host.sent[0];
  assert.equal(head.redirects, 0);
  assert.ok(head.timeout_ms > 4000 && head.timeout_ms <= 5000, head.timeout_ms);
  await assert.rejects(fetch("https://a.example/", { redirect: "error" }), { name: "TypeError" });
});

test("what the host refuses is the cause of a failed fetch", async () => {
  refuse(-2, "`api.example.com` is not declared");
  await assert.rejects(fetch("https://api.example.com/"), (error) => {
    assert.equal(error.name, "TypeError");
    assert.equal(error.cause.name, "DeniedError");
    return true;
  });
  refuse(-8, "refused");
  await assert.rejects(fetch("https://api.example.com/"), (error) => error.cause.code === "connection");
  refuse(-7, "too slow");
  await assert.rejects(fetch("https://api.example.com/", { signal: AbortSignal.timeout(1000) }), { name: "TimeoutError" });
  refuse(-2, "");
  await assert.rejects(fetch("https://api.example.com/"), (error) => /the manifest declares no hosts/.test(error.cause.message));
});

test("requests that make no sense are refused before they are sent", async () => {
  host.sent = [];
  await assert.rejects(fetch("/relative"), { name: "TypeError", message: "Invalid URL" });
  await assert.rejects(fetch("https://a.example/", { body: "x" }), { name: "TypeError" });
  await assert.rejects(fetch("https://a.example/", { headers: { "a b": "c" } }), { name: "TypeError" });
  await assert.rejects(fetch("https://a.example/", { headers: { a: "b\nc" } }), { name: "TypeError" });
  await assert.rejects(fetch("https://a.example/", { method: "POST", body: {} }), { name: "TypeError" });
  await assert.rejects(fetch("https://a.example/", { signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.deepEqual(host.sent, []);
});

test("headers and responses behave like those of Node", async () => {
  const both = (make) => [make(globalThis), make({ Headers, Request, Response })];
  const [node, ours] = both(({ Headers }) => {
    const headers = new Headers([["B", "1"], ["a", "2"], ["b", " 3 "], ["Set-Cookie", "x=1"], ["set-cookie", "y=2"]]);
    headers.set("c", "4");
    headers.delete("A");
    return [[...headers], [...headers.keys()], headers.has("B"), headers.get("none"), headers.getSetCookie()];
  });
  assert.deepEqual(ours, node);
  const [theirs, mine] = both(({ Response }) => {
    const response = Response.json({ a: 1 }, { status: 404 });
    return [response.status, response.ok, response.headers.get("content-type"), response.statusText];
  });
  assert.deepEqual(mine, theirs);
  assert.deepEqual(new Uint8Array(await new Response("ü").arrayBuffer()), Uint8Array.of(195, 188));
  assert.equal(new Request(new Request("https://a.example/x", { method: "PUT", body: "b" })).method, "PUT");
});

test("text is decoded like in Node, in one piece and in parts", () => {
  const samples = [[0x61], [0xef, 0xbb, 0xbf, 0x61], [0xf0, 0x9f, 0x98, 0x80], [0xe2, 0x82], [0xff, 0x61, 0xc3]];
  for (const sample of samples) {
    const bytes = Uint8Array.from(sample);
    assert.equal(new Decoder().decode(bytes), new TextDecoder().decode(bytes));
    const [ours, node] = [new Decoder(), new TextDecoder()].map((decoder) => {
      let text = "";
      for (const byte of bytes) {
        text += decoder.decode(Uint8Array.of(byte), { stream: true });
      }
      return text + decoder.decode();
    });
    assert.equal(ours, node);
  }
  assert.throws(() => new Decoder("utf-8", { fatal: true }).decode(Uint8Array.of(0xff)), { name: "TypeError" });
  assert.throws(() => new Decoder("latin1"), { name: "RangeError" });
  const into = new Uint8Array(4);
  assert.deepEqual(new Encoder().encodeInto("aüü", into), { read: 2, written: 3 });
});

test("the console describes values, and errors with their stacks", () => {
  host.logged = [];
  const ring = { a: 1 };
  ring.ring = ring;
  own.log("%s is %d", "x", 4.5, { deep: { list: [1, "two", null] } }, undefined, -0, 5n);
  own.error(new TypeError("wrong", { cause: new Error("inner") }));
  own.log(ring, new Map([["k", new Set([1])]]), Uint8Array.of(1, 2), () => 1, [undefined]);
  own.group("g");
  own.log("two\nlines");
  own.groupEnd();
  assert.equal(host.logged[0], 'x is 4.5 { deep: { list: [1, "two", null] } } undefined -0 5n');
  assert.match(host.logged[1], /^TypeError: wrong\n(.*\n)+ {2}cause: Error: inner/);
  assert.equal(
    host.logged[2],
    '{ a: 1, ring: [Circular] } Map(1) { "k" => Set(1) { 1 } } Uint8Array(2) [1, 2] [Function (anonymous)] [undefined]',
  );
  assert.deepEqual(host.logged.slice(3), ["g", "  two\n  lines"]);
});

test("random numbers come from the host", () => {
  assert.deepEqual(random.getRandomValues(new Uint8Array(2)), Uint8Array.of(7, 7));
  assert.match(random.randomUUID(), /^07070707-0707-4707-8707-070707070707$/);
  assert.throws(() => random.getRandomValues(new Uint8Array(65537)), { name: "QuotaExceededError" });
});

test("copies are deep", () => {
  const value = { d: new Date(5), m: new Map([[1, { a: [1] }]]), b: Uint8Array.of(1, 2).subarray(1), r: /a/g };
  value.self = value;
  const copy = clone(value);
  assert.equal(copy.self, copy);
  assert.notEqual(copy.m.get(1), value.m.get(1));
  assert.deepEqual([copy.d, copy.m, copy.b, copy.r], [value.d, value.m, value.b, value.r]);
  assert.throws(() => clone({ f() {} }), { name: "DataCloneError" });
});

test("timers run in the order of their times, one at a time", () => {
  const ran = [];
  timers.setTimeout(() => ran.push("later"), 20);
  timers.setTimeout((value) => ran.push(value), 0, "soon");
  timers.clearTimeout(timers.setTimeout(() => ran.push("never"), 1));
  const every = timers.setInterval(() => ran.push("every") && timers.clearInterval(every), 5);
  while (ran.length < 3 && timers.wait()) {
    // The stand-in does not sleep.
  }
  assert.deepEqual(ran, ["soon", "every", "later"]);
  assert.throws(() => timers.setTimeout("code"), { name: "TypeError" });
});

test("a signal aborts once, with its reason", () => {
  const controller = new AbortController();
  const seen = [];
  controller.signal.addEventListener("abort", () => seen.push("listener"));
  controller.signal.onabort = () => seen.push("property");
  const any = AbortSignal.any([controller.signal]);
  controller.abort(new Error("enough"));
  controller.abort();
  assert.deepEqual(seen, ["property", "listener"]);
  assert.equal(any.reason.message, "enough");
  assert.throws(() => controller.signal.throwIfAborted(), { message: "enough" });
});
