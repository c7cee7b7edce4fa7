// A registry with the packages of one directory, for tests: `node registry.mjs DIRECTORY` prints its address and serves until it is ended.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const directory = process.argv[2];
const packages = new Map();
for (const file of readdirSync(directory).filter((name) => name.endsWith(".tgz"))) {
  const bytes = readFileSync(join(directory, file));
  const manifest = JSON.parse(execFileSync("tar", ["-xzOf", join(directory, file), "package/package.json"]));
  packages.set(manifest.name, { file, bytes, manifest });
}

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname).slice(1);
  for (const { file, bytes, manifest } of packages.values()) {
    if (path === file) {
      response.end(bytes);
      return;
    }
    if (path === manifest.name) {
      const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
      const dist = { tarball: `http://${request.headers.host}/${file}`, integrity };
      const document = { name: path, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist } } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(document));
      return;
    }
  }
  response.statusCode = 404;
  response.end("{}");
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
