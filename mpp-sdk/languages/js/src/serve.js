// Answers requests.
import { isBug, isOutOfMemory, logged, RpcError, wire } from "./errors.js";
import { result } from "./content.js";
import { engine } from "./host.js";
import { nearest } from "./nearest.js";
import { find, sorted } from "./tool.js";

/** Half of a surrogate pair as JSON writes it. Backslashes are matched in pairs, so that an escaped one does not start it. */
const ESCAPE = /\\(?:u(d[89a-f][0-9a-f]{2})|[^])/gi;

/** Writes JSON. Halves of surrogate pairs, which no UTF-8 can have, become U+FFFD. */
function written(value) {
  const text = JSON.stringify(value);
  return /\\ud[89a-f]/i.test(text) ? text.replace(ESCAPE, (all, half) => (half ? "\\ufffd" : all)) : text;
}

const where = (stack) => (engine ? engine.where(stack) : stack);
const log = (line) => (engine ? engine.log(line) : console.error(line));

/**
 * Returns the response to a request, without a line break. Tests can use it.
 *
 * The promise is rejected with the exception that a mistake of the tool caused, such as a `TypeError`. In the sandbox, the program ends.
 *
 * @param {string | object} line one JSON-RPC request, as text or parsed
 * @returns {Promise<string>}
 */
export async function handle(line) {
  let id = null;
  try {
    let request;
    try {
      request = typeof line === "string" ? JSON.parse(line) : line;
    } catch (error) {
      throw new RpcError(-32700, "parse_error", `the request is not JSON: ${error.message}`);
    }
    if (request?.jsonrpc !== "2.0" || request.id === undefined) {
      throw invalidRequest("expected a JSON-RPC 2.0 request with an id");
    }
    id = request.id;
    if (typeof request.method !== "string") {
      throw invalidRequest("the request needs a string as `method`");
    }
    const result = await answered(request.method, request.params);
    try {
      return written({ jsonrpc: "2.0", id, result });
    } catch (error) {
      if (isOutOfMemory(error)) {
        throw error;
      }
      const message = `the result cannot be written as JSON: ${error.message}`;
      throw new RpcError(-31000, "tool_error", message, { code: "failed", retryable: false });
    }
  } catch (thrown) {
    if (isBug(thrown)) {
      // There is no answer. The host finds the exception at the end of the log.
      engine?.crash(`Uncaught ${logged(thrown, where)}`);
      throw thrown;
    }
    const { code, message, data, log: said } = wire(thrown, where);
    if (said) {
      log(said);
    }
    return written({ jsonrpc: "2.0", id, error: { code, message, data } });
  }
}

const invalidRequest = (message) => new RpcError(-32600, "invalid_request", message);

async function answered(method, params) {
  switch (method) {
    case "tools/list":
      return { tools: sorted().map((call) => call.definition) };
    case "tools/call": {
      if (typeof params?.name !== "string") {
        throw invalidRequest("`params` of `tools/call` must be an object with `name`, a string, and `arguments`");
      }
      const call = find(params.name);
      if (call === undefined) {
        throw unknownTool(params.name);
      }
      return result(await call(params.arguments ?? undefined));
    }
    default:
      throw new RpcError(-32601, "method_not_found", `there is no method \`${method}\`; expected \`tools/list\` or \`tools/call\``);
  }
}

function unknownTool(name) {
  const names = sorted().map((call) => call.name);
  const meant = nearest(name, names);
  if (meant !== undefined) {
    const message = `there is no tool \`${name}\`; did you mean \`${meant}\`?`;
    return new RpcError(-32602, "unknown_tool", message, { tool: name, nearest: meant });
  }
  const hint = names.length > 0 ? `; the tools are ${names.map((other) => `\`${other}\``).join(", ")}` : "";
  return new RpcError(-32602, "unknown_tool", `there is no tool \`${name}\`${hint}`, { tool: name });
}

if (engine) {
  engine.handle = handle;
}
