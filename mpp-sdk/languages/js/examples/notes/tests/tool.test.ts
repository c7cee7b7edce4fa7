import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { mapPaths } from "@mpp-protocol/sdk/fs";

import { list, read, remove, write } from "../src/tool.ts";

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "notes-"));
  await writeFile(join(root, "header.md"), "# Notes\n");
  mapPaths({ "/notes": join(root, "notes"), "/config/header.md": join(root, "header.md") });
});

after(() => rm(root, { recursive: true }));

test("a note is written, listed, read and removed", async () => {
  assert.deepEqual(await list({}), []);
  await write({ name: "plan", topic: "work", text: "Träume" });
  assert.equal(await readFile(join(root, "notes/work/plan.md"), "utf8"), "# Notes\nTräume");
  assert.deepEqual(
    (await list({ topic: "work" })).map(({ name, bytes }) => [name, bytes]),
    [["plan", 15]],
  );
  assert.equal(await read({ name: "plan", topic: "work" }), "# Notes\nTräume");
  await remove({ name: "plan", topic: "work" });
  await assert.rejects(read({ name: "plan", topic: "work" }), { code: "not_found" });
});
