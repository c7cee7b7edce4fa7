// Describes values for the log.
import { engine } from "../host.js";

const DEPTH = 4;
const ITEMS = 100;
const WIDTH = 100;

/** Formats the arguments of `console.log`: `%s`, `%d`, `%i`, `%f`, `%j`, `%o` and `%O` in the first one stand for the next ones. */
export function formatted(values) {
  let rest = values;
  let text = "";
  if (typeof values[0] === "string" && values.length > 1 && values[0].includes("%")) {
    rest = values.slice(1);
    text = values[0].replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === "%%") {
        return "%";
      }
      if (rest.length === 0) {
        return mark;
      }
      const value = rest.shift();
      switch (mark[1]) {
        case "s":
          return typeof value === "object" ? inspected(value) : String(value);
        case "d":
        case "f":
          return String(Number(value));
        case "i":
          return String(Math.trunc(Number(value)));
        case "j":
          return JSON.stringify(value);
        case "c":
          return "";
        default:
          return inspected(value);
      }
    });
  }
  const more = rest.map((value) => (typeof value === "string" ? value : inspected(value)));
  return (text === "" ? more : [text, ...more]).join(" ");
}

export function inspected(value) {
  return described(value, 0, []);
}

function described(value, depth, above) {
  switch (typeof value) {
    case "string":
      return depth === 0 ? value : JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return `[${value.toString().startsWith("class") ? "class" : "Function"} ${value.name || "(anonymous)"}]`;
    case "object":
      return value === null ? "null" : ofObject(value, depth, above);
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

function ofObject(value, depth, above) {
  if (above.includes(value)) {
    return "[Circular]";
  }
  if (value instanceof Error) {
    return ofError(value, depth, above);
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  if (value instanceof RegExp) {
    return String(value);
  }
  const name = nameOf(value);
  if (depth >= DEPTH) {
    return Array.isArray(value) ? "[Array]" : `[${name || "Object"}]`;
  }
  const inner = (member) => described(member, depth + 1, [...above, value]);
  if (Array.isArray(value)) {
    return listed("[", limited(value).map(inner), value.length, "]");
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return listed(`${name}(${value.length}) [`, limited(value).map(inner), value.length, "]");
  }
  if (value instanceof Map) {
    const entries = limited(value).map(([key, member]) => `${inner(key)} => ${inner(member)}`);
    return listed(`Map(${value.size}) {`, entries, value.size, "}");
  }
  if (value instanceof Set) {
    return listed(`Set(${value.size}) {`, limited(value).map(inner), value.size, "}");
  }
  if (value instanceof Promise) {
    return "Promise {}";
  }
  const keys = Reflect.ownKeys(value).filter((key) => Object.getOwnPropertyDescriptor(value, key)?.enumerable);
  const members = limited(keys).map((key) => {
    const { get } = Object.getOwnPropertyDescriptor(value, key);
    const written = typeof key === "symbol" ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    return `${written}: ${get ? "[Getter]" : inner(value[key])}`;
  });
  return listed(name ? `${name} {` : "{", members, keys.length, "}");
}

function ofError(error, depth, above) {
  const stack = typeof error.stack === "string" ? engine.where(error.stack).trimEnd() : "";
  const text = `${error.name}: ${error.message}` + (stack === "" ? "" : `\n${stack}`);
  return "cause" in error ? `${text}\n  cause: ${described(error.cause, depth + 1, [...above, error])}` : text;
}

const limited = (values) => Array.from(values).slice(0, ITEMS);

function nameOf(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) {
    return "[Object: null prototype]";
  }
  const name = prototype.constructor?.name;
  return name === "Object" ? "" : name;
}

function listed(open, members, count, close) {
  const all = count > members.length ? [...members, `... ${count - members.length} more`] : members;
  if (all.length === 0) {
    return open + close;
  }
  const line = all.join(", ");
  if (line.length <= WIDTH && !line.includes("\n")) {
    return open.endsWith("{") ? `${open} ${line} ${close}` : `${open}${line}${close}`;
  }
  return `${open}\n${all.join(",\n").replace(/^/gm, "  ")}\n${close}`;
}
