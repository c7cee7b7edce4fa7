// The console writes to the log of the call, never to the answer.
import { engine } from "../host.js";
import { formatted } from "./inspect.js";

let indent = "";
const counts = new Map();
const starts = new Map();

function log(...values) {
  const text = formatted(values);
  engine.log(indent === "" ? text : text.replace(/^/gm, indent));
}

function group(...values) {
  if (values.length > 0) {
    log(...values);
  }
  indent += "  ";
}

export const console = {
  log,
  info: log,
  debug: log,
  warn: log,
  error: log,
  dir: (value) => log(value),
  dirxml: log,
  table: (value) => log(value),
  trace(...values) {
    const stack = engine.where(new Error().stack ?? "").split("\n").slice(1).join("\n");
    log(`${formatted(["Trace:", ...values])}\n${stack.trimEnd()}`);
  },
  assert(condition, ...values) {
    if (!condition) {
      log("assertion failed:", ...values);
    }
  },
  count(label = "default") {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    log(`${label}: ${counts.get(label)}`);
  },
  countReset: (label = "default") => void counts.delete(label),
  time: (label = "default") => void starts.set(label, Date.now()),
  timeLog(label = "default", ...values) {
    log(`${label}: ${Date.now() - (starts.get(label) ?? Date.now())} ms`, ...values);
  },
  timeEnd(label = "default") {
    console.timeLog(label);
    starts.delete(label);
  },
  group,
  groupCollapsed: group,
  groupEnd() {
    indent = indent.slice(2);
  },
  clear() {},
};
