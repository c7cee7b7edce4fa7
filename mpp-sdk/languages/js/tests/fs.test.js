// Files outside the sandbox, where a test maps the declared paths. `examples/notes` and cargo-mpp/tests/cli/javascript.rs test the sandbox.
import assert from "node:assert/strict";
import * as machine from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

import * as fs from "../src/fs.js";
import { DeniedError, handle, tool } from "../src/index.js";

let root;

before(async () => {
  root = await machine.mkdtemp(join(tmpdir(), "mpp-fs-"));
});

after(() => machine.rm(root, { recursive: true }));

beforeEach(async () => {
  await machine.rm(join(root, "data"), { recursive: true, force: true });
  await machine.mkdir(join(root, "data"));
  await machine.writeFile(join(root, "one"), "neighbour");
  fs.mapPaths({ "/data": join(root, "data"), "/conf/a.toml": join(root, "one") });
});

test("text and bytes come back as they were written", async () => {
  await fs.writeFile("/data/text", "Grüße 🌍\0");
  assert.equal(await fs.readTextFile("/data/text"), "Grüße 🌍\0");
  assert.equal(await fs.readFile("/data/text", "utf8"), "Grüße 🌍\0");
  assert.equal(await fs.readFile("/data/text", { encoding: "utf-8", length: 3 }), "Gr\ufffd");
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  await fs.writeFile("/data/bytes", bytes);
  const read = await fs.readFile("/data/bytes");
  assert.equal(read.constructor, Uint8Array);
  assert.deepEqual(read, bytes);
  await fs.writeFile("/data/bytes", bytes.subarray(250));
  assert.deepEqual(await fs.readFile("/data/bytes"), bytes.slice(250));
});

test("a file is read in parts", async () => {
  await fs.writeFile("/data/text", "0123456789");
  const part = async (options) => new TextDecoder().decode(await fs.readFile("/data/text", options));
  assert.equal(await part({ position: 2, length: 3 }), "234");
  assert.equal(await part({ position: 8, length: 30 }), "89");
  assert.equal(await part({ position: 8 }), "89");
  assert.equal(await part({ position: 20, length: 1 }), "");
  assert.equal(await part({ length: 0 }), "");
  assert.equal(await part(null), "0123456789");
});

test("writing appends, and can refuse to replace", async () => {
  await fs.appendFile("/data/log", "a");
  await fs.appendFile("/data/log", "b");
  assert.equal(await fs.readTextFile("/data/log"), "ab");
  await assert.rejects(fs.writeFile("/data/log", "c", { flag: "wx" }), { code: "EEXIST" });
  await fs.copyFile("/data/log", "/data/copy");
  await fs.rename("/data/copy", "/data/moved");
  assert.deepEqual(await fs.readdir("/data"), ["log", "moved"]);
});

test("directories are made, listed and removed", async () => {
  await assert.rejects(fs.mkdir("/data/a/b"), { code: "ENOENT" });
  await fs.mkdir("/data/a/b", { recursive: true });
  await fs.mkdir("/data/a/b/", { recursive: true });
  await assert.rejects(fs.mkdir("/data/a"), { code: "EEXIST" });
  await fs.writeFile("/data/z", "");
  const entries = await fs.readdir("/data", { withFileTypes: true });
  assert.deepEqual(
    entries.map((entry) => [entry.name, entry.isFile(), entry.isDirectory(), entry.isSymbolicLink(), entry.parentPath]),
    [
      ["a", false, true, false, "/data"],
      ["z", true, false, false, "/data"],
    ],
  );
  await assert.rejects(fs.mkdir("/data/z", { recursive: true }), { code: "EEXIST" });
  await assert.rejects(fs.rmdir("/data/a"), { code: "ENOTEMPTY" });
  await assert.rejects(fs.rm("/data/a"), { code: "ENOTEMPTY" });
  await fs.rm("/data/a", { recursive: true });
  await assert.rejects(fs.rm("/data/a"), { code: "ENOENT" });
  await fs.rm("/data/a", { force: true });
  await fs.unlink("/data/z");
  assert.deepEqual(await fs.readdir("/data"), []);
});

test("what is at a path is known", async () => {
  await fs.writeFile("/data/five", "12345");
  const found = await fs.stat("/data/five");
  assert.deepEqual([found.size, found.isFile(), found.isDirectory()], [5, true, false]);
  assert.ok(Math.abs(found.mtimeMs - Date.now()) < 60_000 && found.mtime instanceof Date);
  await machine.symlink("five", join(root, "data/link"));
  assert.equal((await fs.lstat("/data/link")).isSymbolicLink(), true);
  assert.equal((await fs.stat("/data/link")).isFile(), true);
  assert.equal(await fs.exists("/data/five"), true);
  assert.equal(await fs.exists("/data/five/under"), false);
  assert.equal(await fs.exists("/data/six"), false);
});

test("an error has the code of Node and the path of the sandbox", async () => {
  const error = await fs.readFile("/data/../data/none").catch((error) => error);
  assert.ok(error instanceof fs.FileError);
  assert.equal(error.message, "ENOENT: no such file or directory, open '/data/../data/none'");
  assert.deepEqual([error.code, error.syscall, error.path], ["ENOENT", "open", "/data/../data/none"]);
  const renamed = await fs.rename("/data/none", "/data/other").catch((error) => error);
  assert.equal(renamed.message, "ENOENT: no such file or directory, rename '/data/none' -> '/data/other'");
  await assert.rejects(fs.readFile("/data"), { code: "EISDIR" });
});

test("a path that is not mapped is denied", async () => {
  for (const path of ["/etc/passwd", "/data/../etc/passwd", "/database", "/conf/b.toml", "/conf", "etc/passwd", "/"]) {
    for (const use of [fs.readFile, fs.exists, fs.readdir, fs.unlink, (path) => fs.writeFile(path, "x"), (path) => fs.mkdir(path, { recursive: true })]) {
      await assert.rejects(use(path), DeniedError);
    }
  }
  await fs.writeFile("/data/x", "x");
  await assert.rejects(fs.rename("/data/x", "/other/x"), DeniedError);
  assert.equal(await fs.readTextFile("/conf/a.toml"), "neighbour");
});

test("an agent gets the code `io`, or a denial with the path", async () => {
  tool({ name: "open", description: "Open.", parameters: { type: "object", properties: { path: {} } } }, ({ path }) => fs.readTextFile(path));
  const called = async (path) => {
    const line = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "open", arguments: { path } } });
    return JSON.parse(await handle(line)).error;
  };
  const missing = await called("/data/none");
  assert.equal(missing.message, "ENOENT: no such file or directory, open '/data/none'");
  assert.deepEqual(missing.data, { kind: "tool_error", code: "io", retryable: false });
  const denied = await called("/etc/passwd");
  assert.deepEqual(denied.data, { kind: "capability_denied", path: "/etc/passwd" });
});

test("wrong arguments are refused before anything is done", async () => {
  for (const path of ["", undefined, 1, "/data/a\0b", new URL("file:///data/x")]) {
    for (const use of [fs.readFile, fs.stat, fs.exists, fs.readdir, fs.mkdir, fs.unlink, fs.rm, (path) => fs.writeFile(path, "")]) {
      await assert.rejects(use(path), TypeError);
    }
  }
  await assert.rejects(fs.rename("/data/x"), TypeError);
  await assert.rejects(fs.readFile("/data/x", "latin1"), { message: '`encoding`: expected `utf8`, found "latin1"' });
  await assert.rejects(fs.readFile("/data/x", { position: -1 }), RangeError);
  await assert.rejects(fs.readFile("/data/x", { start: 1 }), {
    message: "there is no option `start`; the options are `encoding`, `position`, `length`",
  });
  await assert.rejects(fs.writeFile("/data/x", { a: 1 }), TypeError);
  await assert.rejects(fs.writeFile("/data/x", "", { flag: "r" }), { message: '`flag`: expected `w`, `wx` or `a`, found "r"' });
  assert.throws(() => fs.mapPaths({ data: "x" }), TypeError);
  assert.deepEqual(await fs.readdir("/data"), []);
});
