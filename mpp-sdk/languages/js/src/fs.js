// Files and directories that the manifest declares, with the functions of `node:fs/promises`. `fs.d.ts` documents everything that this
// file exports.
import { FileError } from "./errors.js";
import { engine } from "./host.js";
import { native } from "./fs-native.js";
import { sandbox } from "./fs-sandbox.js";

export { FileError } from "./errors.js";
export { mapPaths } from "./fs-native.js";

const host = engine ? sandbox : native;

/** What is at a path, by the numbers of the engine. */
const [FILE, DIRECTORY, LINK] = [1, 2, 3];
/** How writing begins, by the flags of Node. */
const FLAGS = { w: 0, a: 1, wx: 2 };

function checked(path) {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new TypeError(`expected a path, a text that is not empty, found ${JSON.stringify(path)}`);
  }
  return path;
}

function amount(name, value, none) {
  if (value === undefined) {
    return none;
  }
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`\`${name}\`: expected a number of bytes, found ${value}`);
  }
  return value;
}

const isMissing = (error) => error instanceof FileError && ["ENOENT", "ENOTDIR"].includes(error.code);

/** Returns the options of a call, of which these are known. */
function known(options, names) {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`there is no option \`${unknown}\`; the options are ${names.map((name) => `\`${name}\``).join(", ")}`);
  }
  return options;
}

export async function readFile(path, options = {}) {
  const given = typeof options === "string" || options === null ? { encoding: options } : options;
  const { encoding, position, length } = known(given, ["encoding", "position", "length"]);
  if (![undefined, null, "utf8", "utf-8"].includes(encoding)) {
    throw new TypeError(`\`encoding\`: expected \`utf8\`, found ${JSON.stringify(encoding)}`);
  }
  const bytes = await host.read(checked(path), amount("position", position, 0), amount("length", length, -1));
  return encoding ? decoded(bytes) : bytes;
}

export const readTextFile = (path) => readFile(path, "utf8");

const decoded = (bytes) => (engine ? engine.decode(bytes, false) : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));

export async function writeFile(path, data, options = {}) {
  const { flag = "w" } = known(options, ["flag"]);
  if (!Object.hasOwn(FLAGS, flag)) {
    throw new TypeError(`\`flag\`: expected \`w\`, \`wx\` or \`a\`, found ${JSON.stringify(flag)}`);
  }
  if (typeof data !== "string" && !(data instanceof Uint8Array)) {
    throw new TypeError("expected a text or a Uint8Array to write");
  }
  await host.write(checked(path), data, FLAGS[flag]);
}

export const appendFile = (path, data) => writeFile(path, data, { flag: "a" });

export async function copyFile(from, to) {
  await writeFile(to, await readFile(from));
}

/** What is at a path. */
class Kind {
  #kind;
  constructor(kind) {
    this.#kind = kind;
  }
  isFile() {
    return this.#kind === FILE;
  }
  isDirectory() {
    return this.#kind === DIRECTORY;
  }
  isSymbolicLink() {
    return this.#kind === LINK;
  }
}

class Stats extends Kind {
  constructor([kind, size, mtimeMs]) {
    super(kind);
    this.size = size;
    this.mtimeMs = mtimeMs;
  }
  get mtime() {
    return new Date(this.mtimeMs);
  }
}

class Entry extends Kind {
  constructor(name, kind, parentPath) {
    super(kind);
    this.name = name;
    this.parentPath = parentPath;
  }
}

export const stat = async (path) => new Stats(await host.stat(checked(path), true));
export const lstat = async (path) => new Stats(await host.stat(checked(path), false));

export async function exists(path) {
  try {
    await host.stat(checked(path), true);
    return true;
  } catch (error) {
    if (isMissing(error)) {
      return false;
    }
    throw error;
  }
}

export async function readdir(path, options = {}) {
  const { withFileTypes = false } = known(options, ["withFileTypes"]);
  const found = await host.list(checked(path));
  const entries = [];
  for (let at = 0; at < found.length; at += 2) {
    entries.push(new Entry(found[at], found[at + 1], path));
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return withFileTypes ? entries : entries.map(({ name }) => name);
}

export async function mkdir(path, options = {}) {
  const { recursive = false } = known(options, ["recursive"]);
  await (recursive ? makeAll(checked(path)) : host.mkdir(checked(path)));
}

/** Makes a directory, and those above it that do not exist. */
async function makeAll(path) {
  let kind;
  try {
    [kind] = await host.stat(path, true);
  } catch (error) {
    // Whatever else is wrong is so for making it, too, and is then reported as a change.
    const above = path.replace(/\/*[^/]+\/*$/, "");
    if (isMissing(error) && above !== "") {
      await makeAll(above);
    }
  }
  if (kind !== DIRECTORY) {
    await host.mkdir(path);
  }
}

export async function rename(from, to) {
  await host.rename(checked(from), checked(to));
}

export async function rmdir(path) {
  await host.rmdir(checked(path));
}

export async function unlink(path) {
  await host.unlink(checked(path));
}

export async function rm(path, options = {}) {
  const { recursive = false, force = false } = known(options, ["recursive", "force"]);
  try {
    const [kind] = await host.stat(checked(path), false);
    if (kind !== DIRECTORY) {
      await host.unlink(path);
      return;
    }
    if (recursive) {
      for (const name of await readdir(path)) {
        await rm(`${path}/${name}`, { recursive });
      }
    }
    await host.rmdir(path);
  } catch (error) {
    if (!(force && isMissing(error))) {
      throw error;
    }
  }
}
