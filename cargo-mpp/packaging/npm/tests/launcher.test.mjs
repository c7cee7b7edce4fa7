// The launcher with a stand-in for the program: what it passes on, and what it says if there is no program.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), "../cli");
const KEY = `${process.platform}-${process.arch}`;
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];
const root = realpathSync(mkdtempSync(join(tmpdir(), "mpp-launcher-")));
after(() => rmSync(root, { recursive: true }));

/** Installs the launcher, and a shell script as the program of each given platform, below `parent`. */
function installed(script, { platforms = [KEY], version = "1.2.3", parent = "node_modules" } = {}) {
  const modules = join(mkdtempSync(join(root, "case-")), parent, "@mpp-protocol");
  const cli = join(modules, "cli");
  cpSync(SOURCE, cli, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(SOURCE, "package.json"), "utf8"));
  const optional = Object.fromEntries(PLATFORMS.map((key) => [`@mpp-protocol/cli-${key}`, "1.2.3"]));
  writeFileSync(join(cli, "package.json"), JSON.stringify({ ...manifest, version: "1.2.3", optionalDependencies: optional }));
  for (const key of platforms) {
    const platform = join(modules, `cli-${key}`);
    mkdirSync(join(platform, "bin"), { recursive: true });
    writeFileSync(join(platform, "package.json"), JSON.stringify({ name: `@mpp-protocol/cli-${key}`, version }));
    if (script !== undefined) {
      writeFileSync(join(platform, "bin/mpp"), `#!/bin/sh\n${script}\n`);
      chmodSync(join(platform, "bin/mpp"), 0o755);
    }
  }
  return { cli, launcher: join(cli, "bin/mpp.js"), find: createRequire(import.meta.url)(join(cli, "lib/find.js")).find };
}

function launch({ launcher }, words = [], options = {}) {
  return spawnSync(process.execPath, [launcher, ...words], { encoding: "utf8", ...options });
}

test("passes on arguments, input, output and the exit code", () => {
  const program = installed('printf "[%s]" "$@"; cat; echo told >&2; exit 5');
  const done = launch(program, ["run", "a b", "", "--", "*", "ä"], { input: "typed" });
  assert.equal(done.stdout, "[run][a b][][--][*][ä]typed");
  assert.equal(done.stderr, "told\n");
  assert.equal(done.status, 5);
});

test("ends by the signal by which the program ends", () => {
  for (const signal of ["KILL", "TERM", "ABRT"]) {
    const done = launch(installed(`kill -${signal} $$`));
    const asShells = done.status > 128 ? `SIG${signal}` : done.signal;
    assert.equal(asShells, `SIG${signal}`, JSON.stringify(done));
  }
});

test("passes signals on to the program, which decides what to do", async () => {
  const program = installed('trap "echo interrupted; exit 130" INT; trap "echo ended; exit 9" TERM; echo ready; while :; do sleep 0.05; done');
  for (const [signal, said, code] of [["SIGINT", "interrupted", 130], ["SIGTERM", "ended", 9]]) {
    const child = spawn(process.execPath, [program.launcher], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text === "ready\n") child.kill(signal);
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(text, `ready\n${said}\n`);
    assert.equal(status, code);
  }
});

test("replaces the process of Node.js where it can", () => {
  const done = launch(installed("echo $$; cat"), [], { input: "" });
  const child = spawn(process.execPath, ["-e", "0"]);
  child.kill();
  assert.match(done.stdout, /^\d+\n$/);
  if (typeof process.execve === "function") {
    assert.equal(Number(done.stdout), done.pid);
  } else {
    assert.notEqual(Number(done.stdout), done.pid);
  }
});

test("a link in node_modules/.bin starts the same program", () => {
  const program = installed("echo started");
  const link = join(root, "linked");
  execFileSync("ln", ["-s", program.launcher, link]);
  assert.equal(spawnSync(process.execPath, [link], { encoding: "utf8" }).stdout, "started\n");
});

test("a missing package is named with the line that installs it", () => {
  const done = launch(installed(undefined, { platforms: [] }), [], { env: {} });
  assert.equal(done.status, 127);
  assert.equal(
    done.stderr,
    `error: the package @mpp-protocol/cli-${KEY}, which contains the program, is missing: optional dependencies were left out\n\n` +
      "help: run `npm install --include=optional`\n",
  );
  assert.equal(done.stdout, "");
});

test("the line depends on how the package was installed", () => {
  const help = (parent, agent = "") => installed(undefined, { platforms: [], parent }).find({ isMusl: () => false, agent }).help;
  assert.equal(help("lib/node_modules"), "run `npm install --global --include=optional @mpp-protocol/cli@1.2.3`");
  assert.equal(help("_npx/0123abcd/node_modules"), "run `npx --include=optional @mpp-protocol/cli@1.2.3`");
  assert.match(help("node_modules", "pnpm/10.0.0 npm/? node/v22.0.0 linux x64"), /^run `pnpm install` without/);
});

test("an installation for another platform is recognised", () => {
  const other = PLATFORMS.find((key) => key !== KEY);
  const { problem, help } = installed("", { platforms: [other] }).find({ isMusl: () => false, agent: "" });
  assert.equal(
    problem,
    `the program in this \`node_modules\` is for ${other}: it was installed on another machine; the package @mpp-protocol/cli-${KEY} is missing`,
  );
  assert.equal(help, "remove `node_modules`, then run `npm install --include=optional`");
});

test("platforms without a program are told what there is", () => {
  const { find } = installed("");
  assert.equal(
    find({ platform: "freebsd", arch: "x64" }).problem,
    "there is no program `mpp` for freebsd-x64; there is one for linux-x64, linux-arm64, darwin-x64, darwin-arm64",
  );
  assert.match(find({ platform: "freebsd", arch: "x64" }).help, /`cargo install cargo-mpp --locked`/);
  assert.match(find({ platform: "linux", arch: "riscv64" }).problem, /linux-riscv64/);
  assert.match(find({ platform: "win32", arch: "x64" }).help, /`wsl --install`/);
});

test("a system with musl is told so", () => {
  const { find } = installed(undefined, { platforms: [] });
  const { problem, help } = find({ platform: "linux", arch: "x64", isMusl: () => true });
  assert.match(problem, /needs glibc/);
  assert.match(help, /node:lts-slim/);
});

test("another version, a missing file, and a file that is not executable are errors", () => {
  const stale = launch(installed("exit 0", { version: "1.2.2" }));
  assert.match(stale.stderr, /has version 1\.2\.2, but @mpp-protocol\/cli has version 1\.2\.3\n\nhelp: remove `node_modules`, then run/);
  assert.equal(stale.status, 127);
  assert.match(launch(installed(undefined)).stderr, /is incomplete: it has no file bin\/mpp/);
  const closed = installed("exit 0");
  const path = join(closed.cli, `../cli-${KEY}/bin/mpp`);
  chmodSync(path, 0o644);
  assert.ok(existsSync(path));
  const done = launch(closed);
  assert.match(done.stderr, /^error: cannot start .*EACCES/);
  assert.equal(done.status, 126);
});
