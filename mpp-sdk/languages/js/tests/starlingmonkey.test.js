import assert from "node:assert/strict";
import { test } from "node:test";

import { start, where } from "../src/starlingmonkey.js";

/** The interfaces as a component has them: functions that throw an error with a payload. */
const failure = (status, message) => Object.assign(new Error("failed"), { payload: { status, message } });
const bytes = (text) => new TextEncoder().encode(text);
const text = (found) => new TextDecoder().decode(found);

function world(input = "") {
  const written = { stdout: "", stderr: "" };
  const pieces = [...input].map(bytes);
  const output = (name) => ({
    blockingWriteAndFlush(piece) {
      assert.ok(piece.length <= 4096);
      written[name] += text(piece);
    },
  });
  const wasi = {
    environment: { getEnvironment: () => [["MODE", "quick"]] },
    stdin: {
      getStdin: () => ({
        blockingRead() {
          if (pieces.length === 0) {
            throw Object.assign(new Error("end"), { payload: { tag: "closed" } });
          }
          return pieces.shift();
        },
      }),
    },
    stdout: { getStdout: () => output("stdout") },
    stderr: { getStderr: () => output("stderr") },
    exit: { exit: ({ tag }) => (written.exit = tag) },
    clock: { subscribeDuration: (time) => ({ block: () => (written.slept = time) }) },
  };
  return { wasi, written };
}

function engineOf(host) {
  const { wasi, written } = world();
  start(wasi, host);
  return { engine: globalThis.__mpp_v1, written };
}

test("functions of the host return results, statuses and replies as those of mpp_v1 do", () => {
  const http = { httpSend: (request) => (text(request) === "no" ? reject("denied", "not this host") : bytes("answer")) };
  const reject = (status, message) => {
    throw failure(status, message);
  };
  const kv = {
    kvGet: (key) => (text(key) === "a" ? bytes("one") : reject("not-found", "")),
    kvSet: () => undefined,
    kvDelete: (key) => text(key) === "a",
    kvList: () => [bytes("a"), bytes("bc")],
    kvCompareAndSwap: (key, from, to) => from === undefined && text(to) === "new",
    kvIncrement: (key, by) => by + 1n,
  };
  const { engine } = engineOf({ http, kv });
  assert.equal(engine.http_send(bytes("yes")), 0);
  assert.equal(text(engine.reply()), "answer");
  assert.equal(engine.http_send(bytes("no")), -2);
  assert.equal(text(engine.reply()), "not this host");
  assert.equal(engine.kv_get(bytes("a")), 0);
  assert.equal(text(engine.reply()), "one");
  assert.equal(engine.kv_get(bytes("b")), -1);
  assert.equal(engine.kv_set(bytes("a"), bytes("x"), 0n), 0);
  assert.deepEqual([engine.kv_delete(bytes("a")), engine.kv_delete(bytes("b"))], [1, 0]);
  assert.equal(engine.kv_list(bytes(""), bytes(""), 10), 0);
  assert.deepEqual([...engine.reply()], [1, 0, 0, 0, 97, 2, 0, 0, 0, 98, 99]);
  assert.equal(engine.kv_compare_and_swap(bytes("a"), null, bytes("new"), 0n), 1);
  assert.equal(engine.kv_increment(bytes("a"), 41n), 0);
  assert.deepEqual([...engine.reply()], [42, 0, 0, 0, 0, 0, 0, 0]);
});

test("what the manifest does not declare is denied", () => {
  const { engine } = engineOf({});
  assert.deepEqual([engine.http_send(bytes("")), engine.kv_get(bytes("a"))], [-2, -2]);
  assert.equal(engine.reply().length, 0);
});

test("an error that is no failure of the host is passed on", () => {
  const { engine } = engineOf({ kv: { kvGet: () => null.member } });
  assert.throws(() => engine.kv_get(bytes("a")), TypeError);
});

test("variables, text, time and the log are those of WASI", () => {
  const { engine, written } = engineOf({});
  assert.deepEqual([engine.env("MODE"), engine.env("OTHER")], ["quick", undefined]);
  assert.equal(engine.decode(Uint8Array.of(0xff), true), null);
  assert.equal(engine.decode(Uint8Array.of(0xff), false), "\ufffd");
  engine.sleep(1.5);
  assert.equal(written.slept, 1_500_000n);
  engine.log("ä".repeat(5000));
  assert.equal(written.stderr, "ä".repeat(5000) + "\n");
});

test("a request is read whole and answered with one line", async () => {
  const { wasi, written } = world('{"name":"Zoë"}');
  const run = start(wasi, {});
  const engine = globalThis.__mpp_v1;
  let turns = 0;
  engine.handle = async (line) => {
    await new Promise((resolve) => (engine.resolve = resolve));
    return JSON.stringify({ was: line });
  };
  engine.wait = () => {
    turns += 1;
    engine.resolve();
    return true;
  };
  await run.run();
  assert.equal(written.stdout, '{"was":"{\\"name\\":\\"Zoë\\"}"}\n');
  assert.equal(turns, 1);
});

test("a promise that can never settle is an error", async () => {
  const { wasi, written } = world("{}");
  const run = start(wasi, {});
  Object.assign(globalThis.__mpp_v1, { handle: () => new Promise(() => {}), wait: () => false });
  await run.run();
  assert.equal(JSON.parse(written.stdout).error.data.code, "never_settled");
});

test("a crash is logged and ends the program", async () => {
  const { wasi, written } = world("{}");
  const run = start(wasi, {});
  const engine = globalThis.__mpp_v1;
  Object.assign(engine, { handle: async () => null.member, wait: () => written.exit === undefined });
  await run.run();
  assert.equal(written.exit, "err");
  assert.match(written.stderr, /^Uncaught TypeError: .*null/);
});

test("stacks name the author's lines", () => {
  const lines = "F src/tool.ts\nF node_modules/zod/a.js\nR 2 0 1\nR 6 1 11\nR 9 1 0\n";
  const stack = "inner@script.js:3:9\nasync*greet/<@/tmp/x/script.js:7:1\n@script.js:9:2\n$run@/tmp/x/initializer.js:3:1\n";
  assert.equal(
    where(stack, lines),
    "    at inner (src/tool.ts:2)\n    at greet (node_modules/zod/a.js:12)\n    at <script.js>:9\n    at $run (<initializer.js>:3)",
  );
});
