// The errors of tools and of their host.

/** An error that the agent receives, with a code by which it can be told apart. */
export class ToolError extends Error {
  /**
   * @param {string} code a word in snake case, such as `not_found`
   * @param {string} message what happened and what to do next; an agent reads it
   * @param {{ retryable?: boolean, cause?: unknown }} [options] `retryable` says that the same call may succeed later; the cause is
   *   written to the log, and not sent to the agent
   */
  constructor(code, message, options = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "ToolError";
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * The manifest does not declare what the tool asked for, or the host did not grant it. The agent receives it as `capability_denied`,
 * with what would allow it, whatever error has it as its cause.
 */
export class DeniedError extends Error {
  /**
   * @param {string} message
   * @param {{ variable?: string, path?: string }} [options] the environment variable or the path, if it is about one
   */
  constructor(message, options = {}) {
    super(message);
    this.name = "DeniedError";
    this.variable = options.variable;
    this.path = options.path;
  }
}

/** An operation on a file or directory has failed. It has the code and the message that Node's would have. */
export class FileError extends Error {
  /**
   * @param {string} code such as `ENOENT`
   * @param {string} words what it means
   * @param {{ operation: string, path: string, other?: string }} of the operation, its path and its second path
   */
  constructor(code, words, { operation, path, other }) {
    super(`${code}: ${words}, ${operation} '${path}'${other === undefined ? "" : ` -> '${other}'`}`);
    this.name = "FileError";
    this.code = code;
    this.syscall = operation;
    this.path = path;
    this.dest = other;
  }
}

/** The host could not do what the tool asked for. */
export class HostError extends Error {
  /**
   * @param {string} code `timeout`, `connection`, `too_large`, `invalid`, `full`, `conflict`, `not_found` or `unavailable`
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "HostError";
    this.code = code;
  }
}

/** An error of the protocol, such as invalid arguments. */
export class RpcError extends Error {
  /**
   * @param {number} number the code of JSON-RPC
   * @param {string} kind the kind in `data`
   * @param {string} message
   * @param {object} [data] further members of `data`
   */
  constructor(number, kind, message, data = {}) {
    super(message);
    this.name = "RpcError";
    this.number = number;
    this.data = { kind, ...data };
  }
}

/** Returns an error and its causes, outermost first. */
function* chain(error) {
  const seen = new Set();
  for (let at = error; at !== undefined && at !== null && !seen.has(at); at = at.cause) {
    seen.add(at);
    yield at;
  }
}

/** Returns the first error of this class among an error and its causes. */
function find(error, type) {
  for (const at of chain(error)) {
    if (at instanceof type) {
      return at;
    }
  }
  return undefined;
}

/** Returns whether an error has a meaning of its own on the wire, or is caused by one that has. */
export const isKnown = (error) => [RpcError, DeniedError, ToolError, HostError, FileError].some((type) => find(error, type) !== undefined);

/** Describes what was thrown, in one line. */
export function describe(thrown) {
  if (thrown instanceof Error) {
    return thrown.name === "Error" ? thrown.message : `${thrown.name}: ${thrown.message}`;
  }
  try {
    return typeof thrown === "object" && thrown !== null ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return "something that cannot be described";
  }
}

/** The place of the author's code in a stack, such as `src/tool.ts:12`. */
export function place(stack) {
  const places = [...stack.matchAll(/^ *at .*?\(?([^ (]+?:\d+)(?::\d+)?\)?$/gm)].map((match) => match[1]);
  const isOwn = (found) => !/node_modules\/|(?:^|\/)mpp-sdk\/src\/|^<|^node:/.test(found);
  return places.find(isOwn) ?? places[0];
}

/**
 * Converts what a tool threw into the error of a response.
 *
 * @param {unknown} thrown
 * @param {(stack: string) => string} where replaces the places of the bundle in a stack by those of the author's files
 * @returns {{ code: number, message: string, data: object, log: string }} `log` is what the agent does not get
 */
export function wire(thrown, where) {
  const rpc = find(thrown, RpcError);
  if (rpc) {
    return { code: rpc.number, message: rpc.message, data: rpc.data, log: "" };
  }
  const denied = find(thrown, DeniedError);
  if (denied) {
    const data = { kind: "capability_denied" };
    for (const name of ["variable", "path"]) {
      if (denied[name] !== undefined) {
        data[name] = denied[name];
      }
    }
    return { code: -31001, message: denied.message, data, log: "" };
  }
  const own = find(thrown, ToolError);
  const host = find(thrown, HostError);
  const log = logged(thrown, where);
  const toolError = (message, code, retryable) => ({
    code: -31000,
    message,
    data: { kind: "tool_error", code, retryable },
    log,
  });
  if (own) {
    return toolError(own.message, own.code, own.retryable);
  }
  if (host) {
    return toolError(describe(thrown), host.code, ["timeout", "connection", "conflict"].includes(host.code));
  }
  if (find(thrown, FileError)) {
    return toolError(thrown instanceof FileError ? thrown.message : describe(thrown), "io", false);
  }
  const found = thrown instanceof Error && typeof thrown.stack === "string" ? place(where(thrown.stack)) : undefined;
  return toolError(describe(thrown) + (found ? ` (${found})` : ""), "failed", false);
}

/** Exceptions that the language itself throws for mistakes in a program. */
const BUGS = [TypeError, ReferenceError, RangeError];

/** Returns whether this is what SpiderMonkey throws if there is no more memory: a text. */
export const isOutOfMemory = (thrown) => thrown === "out of memory";

/** Returns whether what a tool threw is a mistake of the tool, and not an error for the agent. */
export function isBug(thrown) {
  return !isKnown(thrown) && (isOutOfMemory(thrown) || BUGS.some((type) => thrown instanceof type));
}

/** What the log says about an error: nothing about an intended one, and else its stack and its causes. */
export function logged(thrown, where) {
  let text = "";
  for (const at of chain(thrown)) {
    if (at instanceof ToolError) {
      continue;
    }
    const stack = at instanceof Error && typeof at.stack === "string" ? where(at.stack) : "";
    // Stacks of V8 start with the message, those of QuickJS do not.
    const line = stack.startsWith(at?.name) ? stack : `${describe(at)}\n${stack}`;
    text += (text ? "caused by: " : "") + line.trimEnd() + "\n";
  }
  return text.trimEnd();
}
