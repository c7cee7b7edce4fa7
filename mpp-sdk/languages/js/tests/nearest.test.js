// The names that misspelled ones were probably meant to be.
import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest } from "../src/nearest.js";

test("finds what was probably meant", () => {
  const names = ["query", "limit", "package_id"];
  for (const [word, expected] of [
    ["qurey", "query"],
    ["package-id", "package_id"],
    ["Limit", "limit"],
    ["lmit", "limit"],
    ["zzz", undefined],
    ["", undefined],
    ["q".repeat(1000), undefined],
  ]) {
    assert.equal(nearest(word, names), expected, word);
  }
  assert.equal(nearest("a", []), undefined);
});
