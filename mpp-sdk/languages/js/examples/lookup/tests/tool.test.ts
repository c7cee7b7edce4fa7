import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { lookup } from "../src/tool.ts";

const ADA = {
  id: "CUST-00012345",
  name: "Ada Lovelace",
  company: "Analytical Engines",
  status: "active",
  email: "ada@example.com",
  phone: "+44 20 7946 0000",
  notes: "",
};

/** A CRM that knows one customer. */
const crm = createServer((request, response) => {
  const url = new URL(request.url ?? "", "http://localhost");
  if (request.headers.authorization !== "Bearer k") {
    response.writeHead(401).end();
  } else {
    const found = url.searchParams.get("q") === "ada" && url.searchParams.get("limit") === "10";
    response.end(JSON.stringify(found ? [ADA] : []));
  }
});

before(async () => {
  await new Promise<void>((resolve) => crm.listen(0, "127.0.0.1", resolve));
  process.env.CRM_URL = `http://127.0.0.1:${(crm.address() as AddressInfo).port}/`;
  process.env.CRM_API_KEY = "k";
});

after(() => crm.close());

test("finds a customer", async () => {
  assert.deepEqual(await lookup({ query: "ada" }), [ADA]);
});

test("errors have codes", async () => {
  await assert.rejects(lookup({ query: "nobody" }), { code: "not_found" });
  process.env.CRM_API_KEY = "wrong";
  await assert.rejects(lookup({ query: "ada" }), { code: "key_refused" });
  process.env.CRM_URL = "http://127.0.0.1:1";
  await assert.rejects(lookup({ query: "ada" }), { code: "crm_down", retryable: true });
});

test("arguments are validated", async () => {
  await assert.rejects(lookup({ query: "" }), { message: /`\/query`/ });
});
