// Files in tests outside the sandbox: those of this machine to which a test maps the declared paths.
import { DeniedError, FileError } from "./errors.js";
import { engine } from "./host.js";

/** The paths on this machine by the declared ones, longest first. */
let mapped = [];

/** Maps declared paths to paths of this machine. `fs.d.ts` documents it. */
export function mapPaths(paths) {
  if (engine) {
    throw new Error("`mapPaths` is for tests outside the sandbox; there, whoever runs the tool maps its paths");
  }
  for (const [declared, path] of Object.entries(paths)) {
    if (!declared.startsWith("/") || typeof path !== "string" || path === "") {
      throw new TypeError(`expected a path like "/data" and one of this machine, found ${JSON.stringify({ [declared]: path })}`);
    }
  }
  const entries = Object.entries(paths).map(([declared, path]) => [normal(declared), path]);
  mapped = entries.sort(([a], [b]) => b.length - a.length);
}

/** Returns a path from the root without `.` and `..`. */
function normal(path) {
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      parts.pop();
    } else if (part !== "" && part !== ".") {
      parts.push(part);
    }
  }
  return `/${parts.join("/")}`;
}

/** Returns the path on this machine. */
function local(path) {
  const whole = normal(path);
  for (const [declared, place] of mapped) {
    if (whole === declared) {
      return place;
    }
    const start = declared === "/" ? "/" : `${declared}/`;
    if (whole.startsWith(start)) {
      return `${place}/${whole.slice(start.length)}`;
    }
  }
  const message = `no path of this machine is mapped to \`${whole}\`; a test maps it with \`mapPaths({ "${whole}": "…" })\``;
  throw new DeniedError(message, { path: whole });
}

// The name is no literal, so that no bundle looks for a module of Node.
const MODULE = "node:fs/promises";

/** Calls a function with Node's module. Its errors become those of the sandbox. `other` is a second path. */
async function node(path, other, use) {
  const fs = await import(MODULE);
  try {
    return await use(fs, local(path), other === undefined ? undefined : local(other));
  } catch (error) {
    if (typeof error?.code !== "string" || error.syscall === undefined) {
      throw error;
    }
    const words = error.message.replace(/^[A-Z0-9]+: /, "").replace(/, \w+(?: '.*)?$/s, "");
    throw new FileError(error.code, words, { operation: error.syscall, path, other });
  }
}

const kind = (found) => (found.isFile() ? 1 : found.isDirectory() ? 2 : found.isSymbolicLink() ? 3 : 0);
const FLAGS = ["w", "a", "wx"];

/** The functions that `fs.js` uses, with the results of the engine. */
export const native = {
  list: (path) =>
    node(path, undefined, async (fs, at) => (await fs.readdir(at, { withFileTypes: true })).flatMap((entry) => [entry.name, kind(entry)])),
  mkdir: (path) => node(path, undefined, (fs, at) => fs.mkdir(at)),
  read: (path, position, length) => node(path, undefined, (fs, at) => read(fs, at, position, length)),
  rename: (from, to) => node(from, to, (fs, at, target) => fs.rename(at, target)),
  rmdir: (path) => node(path, undefined, (fs, at) => fs.rmdir(at)),
  stat: (path, follow) =>
    node(path, undefined, async (fs, at) => {
      const found = await (follow ? fs.stat(at) : fs.lstat(at));
      return [kind(found), found.size, found.mtimeMs];
    }),
  unlink: (path) => node(path, undefined, (fs, at) => fs.unlink(at)),
  write: (path, data, begin) => node(path, undefined, (fs, at) => fs.writeFile(at, data, { flag: FLAGS[begin] })),
};

async function read(fs, path, position, length) {
  const file = await fs.open(path, "r");
  try {
    if (position === 0 && length < 0) {
      return new Uint8Array(await file.readFile());
    }
    const { size } = await file.stat();
    const most = Math.max(0, size - position);
    const bytes = new Uint8Array(length < 0 ? most : Math.min(length, most));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
