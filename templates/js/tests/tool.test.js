import assert from "node:assert/strict";
import { test } from "node:test";

import { greet } from "../src/tool.js";

test("greets", async () => {
  assert.deepEqual(await greet({ name: "Ada", times: 2 }), { text: "Hello, Ada! Hello, Ada!", times: 2 });
});

test("refuses a blank name", async () => {
  await assert.rejects(greet({ name: " " }), { code: "no_name" });
});
