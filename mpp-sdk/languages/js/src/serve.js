// Answers requests.
import { RpcError, wire } from "./errors.js";
import { result } from "./content.js";
import { engine } from "./host.js";
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
      throw new RpcError(-32600, "invalid_request", "expected a JSON-RPC 2.0 request with an id");
    }
    id = request.id;
    return written({ jsonrpc: "2.0", id, result: await answered(request.method, request.params ?? {}) });
  } catch (thrown) {
    const { code, message, data, log: said } = wire(thrown, where);
    if (said) {
      log(said);
    }
    return written({ jsonrpc: "2.0", id, error: { code, message, data } });
  }
}

async function answered(method, { name, arguments: given }) {
  switch (method) {
    case "tools/list":
      return { tools: sorted().map((call) => call.definition) };
    case "tools/call": {
      const call = find(name);
      if (call === undefined) {
        const names = sorted().map((call) => `\`${call.name}\``);
        const message = `there is no tool \`${name}\`; the tools are ${names.join(", ")}`;
        throw new RpcError(-32602, "unknown_tool", message);
      }
      return result(await call(given));
    }
    default:
      throw new RpcError(-32601, "method_not_found", `there is no method \`${method}\``);
  }
}

if (engine) {
  engine.handle = handle;
}
