// Files as a component has them: the functions of the engine over a stand-in for `wasi:filesystem`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { files } from "../src/starlingmonkey-fs.js";

const failure = (payload) => Object.assign(new Error(payload), { payload });

/** A directory of files in memory, with the methods of a descriptor that are used. */
function directory(entries, most = Infinity) {
  const at = (path) => {
    if (path.startsWith("..")) {
      throw failure("not-permitted");
    }
    if (!(path in entries)) {
      throw failure("no-entry");
    }
    return entries[path];
  };
  const open = (path) => ({
    closed: false,
    [Symbol.dispose]() {
      this.closed = true;
    },
    stat: () => ({ type: path === "." ? "directory" : "regular-file", size: BigInt(entries[path]?.length ?? 0) }),
    read: (length, offset) => {
      const piece = entries[path].slice(Number(offset), Number(offset) + Math.min(Number(length), 4));
      return [piece, Number(offset) + piece.length >= entries[path].length];
    },
    write: (bytes, offset) => {
      if (Number(offset) + bytes.length > most) {
        throw failure("insufficient-space");
      }
      const piece = bytes.subarray(0, 3);
      entries[path] = Uint8Array.of(...entries[path].slice(0, Number(offset)), ...piece);
      return BigInt(piece.length);
    },
    readDirectory: () => {
      const names = Object.keys(entries);
      return { readDirectoryEntry: () => (names.length > 0 ? { type: "regular-file", name: names.shift() } : undefined) };
    },
  });
  return {
    openAt(_, path, { create, exclusive, truncate, directory }, flags) {
      assert.ok(flags.read || flags.write);
      if (exclusive && path in entries) {
        throw failure("exist");
      }
      if (directory || path === ".") {
        return open(".");
      }
      if (create && (truncate || !(path in entries))) {
        entries[path] = new Uint8Array(0);
      }
      at(path);
      return open(path);
    },
    statAt: ({ symlinkFollow }, path) => ({
      type: symlinkFollow ? "regular-file" : "symbolic-link",
      size: BigInt(at(path).length),
      dataModificationTimestamp: { seconds: 2n, nanoseconds: 500_000_000 },
    }),
    unlinkFileAt: (path) => at(path) && delete entries[path],
    createDirectoryAt: () => {
      throw failure("read-only");
    },
    removeDirectoryAt: () => {
      throw failure("not-empty");
    },
    renameAt: (from, target, to) => Object.assign(target.entries, { [to]: at(from) }) && delete entries[from],
    entries,
  };
}

const bytes = (text) => new TextEncoder().encode(text);
const text = (found) => new TextDecoder().decode(found);

test("files are read, written and listed below the nearest directory", () => {
  const [outer, inner] = [directory({ a: bytes("outer") }), directory({ a: bytes("0123456789") })];
  const { functions: fs } = files({ getDirectories: () => [[outer, "/data"], [inner, "/data/inner"]] });
  assert.equal(text(fs.fs_read("/data/./a", 0, -1)), "outer");
  assert.equal(text(fs.fs_read("data//inner/a", 0, -1)), "0123456789");
  assert.equal(text(fs.fs_read("/data/inner/a", 7, 2)), "78");
  assert.equal(fs.fs_write("/data/b", "Grüße", 0), 0);
  assert.equal(fs.fs_write("/data/b", bytes("!!!!"), 1), 0);
  assert.equal(text(outer.entries.b), "Grüße!!!!");
  assert.equal(fs.fs_write("/data/b", "", 2), -20);
  assert.deepEqual(fs.fs_list("/data"), ["a", 1, "b", 1]);
  assert.deepEqual(fs.fs_stat("/data/a", true), [1, 5, 2500]);
  assert.deepEqual(fs.fs_stat("/data/a", false), [3, 5, 2500]);
  assert.equal(fs.fs_rename("/data/a", "/data/inner/c"), 0);
  assert.equal(text(inner.entries.c), "outer");
  assert.equal(fs.fs_unlink("/data/b"), 0);
  assert.deepEqual(fs.fs_list("/data"), []);
});

test("errors have the numbers of the other engine", () => {
  const { functions: fs } = files({ getDirectories: () => [[directory({ a: bytes("") }, 4), "/data"]] });
  assert.equal(fs.fs_read("/data/none", 0, -1), -44);
  assert.equal(fs.fs_read("/data", 0, -1), -31);
  assert.equal(fs.fs_read("/data/../etc", 0, -1), -76);
  assert.equal(fs.fs_mkdir("/data/x"), -69);
  assert.equal(fs.fs_rmdir("/data/x"), -55);
  assert.equal(fs.fs_write("/data/a", "too much", 0), -51);
  assert.throws(() => files({ getDirectories: () => JSON.parse("{") }).functions.fs_read("/x", 0, -1), SyntaxError);
});

test("without directories, every path is denied", () => {
  const other = () => [[directory({}), "/data"]];
  for (const { functions: fs } of [() => [], other].map((getDirectories) => files({ getDirectories }))) {
    assert.deepEqual([fs.fs_list("/etc"), fs.fs_write("/database", "", 0), fs.fs_rename("/data/a", "/b")], [-76, -76, -76]);
  }
});

test("a call does not use the directories that were there when the component was made", () => {
  let given = [];
  const { begin, functions } = files({ getDirectories: () => given });
  assert.equal(functions.fs_read("/data/a", 0, -1), -76);
  given = [[directory({ a: bytes("now") }), "/data"]];
  begin();
  assert.equal(text(functions.fs_read("/data/a", 0, -1)), "now");
});
