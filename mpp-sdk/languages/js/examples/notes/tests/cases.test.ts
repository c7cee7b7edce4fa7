// Runs the cases in tests/*.yaml with the finished package, in the sandbox.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

interface Results {
  files: { path: string; cases: { name: string; line: number; log: string; mismatches: { message: string }[] }[] }[];
}

const run = spawnSync("mpp", ["test", "--format", "json"], { encoding: "utf8" });

test("cases", { skip: run.error && "mpp is not installed" }, async (t) => {
  // The exit code is 1 if a case fails. If there is no document, stderr says why.
  assert.ok(run.status === 0 || run.status === 1, run.stderr);
  const { files }: Results = JSON.parse(run.stdout);
  for (const file of files) {
    for (const { name, line, log, mismatches } of file.cases) {
      await t.test(name, () => {
        const messages = mismatches.map(({ message }) => `${file.path}:${line}: ${message}\n${log}`);
        assert.deepEqual(messages, []);
      });
    }
  }
});
