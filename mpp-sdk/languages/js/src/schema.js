// Schemas of arguments and results: those of a library that follows the Standard Schema, or JSON Schema itself.
import { RpcError } from "./errors.js";

/** The version of JSON Schema that definitions use. */
const TARGET = "draft-2020-12";
const NO_ARGUMENTS = { type: "object", properties: {}, additionalProperties: false };

/** The schemas that {@link literal} made. */
const exact = new WeakSet();

/** Returns a JSON Schema that is published as it is. `index.d.ts` documents it, under the name `jsonSchema`. */
export function literal(schema) {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema) || isStandard(schema)) {
    throw new TypeError("`jsonSchema`: expected a JSON Schema, which is an object of keywords");
  }
  // A copy, so that the same object can be used without this function, too.
  const own = { ...schema };
  exact.add(own);
  return own;
}

const isStandard = (schema) => schema?.["~standard"] !== undefined;

/**
 * Returns the JSON Schema of a schema.
 *
 * @param {unknown} schema
 * @param {"input" | "output"} direction what comes in before defaults and conversions, or what they give
 * @param {string} what what it describes, for messages
 */
export function jsonSchema(schema, direction, what) {
  if (!isStandard(schema)) {
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
      throw new TypeError(`${what}: expected a schema of zod or valibot, or a JSON Schema`);
    }
    return schema;
  }
  const standard = schema["~standard"];
  if (standard.jsonSchema === undefined) {
    const hints = {
      zod: "use `zod` 4.2 or newer; `zod/mini` cannot do this",
      valibot: "wrap it in `toStandardJsonSchema` of the package `@valibot/to-json-schema`",
    };
    const hint = hints[standard.vendor] ?? "use zod, or pass a JSON Schema";
    throw new TypeError(`${what}: the schema of ${standard.vendor} cannot be written as JSON Schema: ${hint}`);
  }
  const { $schema: _, ...rest } = standard.jsonSchema[direction]({ target: TARGET });
  return withoutBounds(rest);
}

/** Returns the schema of arguments, which do not allow unknown names unless it says so, or is published as it is. */
export function parametersSchema(schema, what) {
  if (schema === undefined) {
    return NO_ARGUMENTS;
  }
  const found = jsonSchema(schema, "input", what);
  if (found.type !== "object") {
    throw new TypeError(`${what}: expected the schema of an object, whose members are the arguments`);
  }
  const closed = exact.has(schema) || "additionalProperties" in found || "$ref" in found || "allOf" in found;
  return closed ? found : { ...found, additionalProperties: false };
}

/** Removes the bounds that only say that an integer is a safe one. */
function withoutBounds(schema) {
  if (Array.isArray(schema)) {
    return schema.map(withoutBounds);
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const isBound = (name, value) =>
    (name === "maximum" && value === Number.MAX_SAFE_INTEGER) ||
    (name === "minimum" && value === Number.MIN_SAFE_INTEGER);
  const kept = Object.entries(schema).filter(([name, value]) => !isBound(name, value));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutBounds(value)]));
}

/**
 * Validates arguments, and returns them with defaults and conversions.
 *
 * @param {unknown} schema
 * @param {unknown} given
 * @param {object | undefined} published the JSON Schema whose names are the only ones allowed, if unknown names are to be refused here
 */
export async function validated(schema, given, published) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalid("the arguments: expected an object");
  }
  if (published?.additionalProperties === false && published.properties !== undefined) {
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(published.properties, name));
    if (unknown !== undefined) {
      const known = Object.keys(published.properties).map((name) => `\`${name}\``);
      const list = known.length > 0 ? `the arguments are ${known.join(", ")}` : "the tool takes no arguments";
      throw invalid(`there is no argument \`${unknown}\`; ${list}`);
    }
  }
  if (!isStandard(schema)) {
    return given;
  }
  const found = await schema["~standard"].validate(given);
  if (found.issues) {
    throw invalid(found.issues.map(issue).join("; "));
  }
  return found.value;
}

function issue({ path, message }) {
  const keys = (path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? `the arguments: ${message}` : `the argument \`${keys.join(".")}\`: ${message}`;
}

const invalid = (message) => new RpcError(-32602, "invalid_arguments", message);
