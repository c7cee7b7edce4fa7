// Schemas of arguments and results: those of a library that follows the Standard Schema, or JSON Schema itself.
import { check } from "./check.js";
import { below, invalid, inWords, unknown as unknownMember } from "./mistakes.js";

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

/**
 * Returns the schema of arguments. If it names them, it does not allow others, unless it says so or is published as it is.
 */
export function parametersSchema(schema, what) {
  if (schema === undefined) {
    return NO_ARGUMENTS;
  }
  const found = jsonSchema(schema, "input", what);
  if (found.type !== "object") {
    throw new TypeError(`${what}: expected the schema of an object, whose members are the arguments`);
  }
  const isOpen = exact.has(schema) || !("properties" in found) || "$ref" in found || "allOf" in found;
  return isOpen || "additionalProperties" in found ? found : { ...found, additionalProperties: false };
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
 * @param {string} tool the name of the tool, for messages
 * @param {unknown} schema
 * @param {unknown} given
 * @param {() => object} published returns the JSON Schema of the arguments. It takes time to make, so that it is only asked for where
 *   something seems to be wrong
 */
export async function validated(tool, schema, given, published) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalid(tool, [{ pointer: "", message: `expected an object, found ${inWords(given)}` }]);
  }
  if (!isStandard(schema)) {
    const left = withoutNulls(given, published());
    const mistakes = check(published(), left);
    if (mistakes.length > 0) {
      throw invalid(tool, mistakes);
    }
    return left;
  }
  let left = given;
  let found = await schema["~standard"].validate(left);
  if (found.issues && Object.values(given).includes(null)) {
    left = withoutNulls(given, published());
    found = await schema["~standard"].validate(left);
  }
  // Many schemas leave out what they do not know.
  const unknown = found.issues || loses(left, found.value) ? unknownNames(left, published()) : [];
  if (found.issues || unknown.length > 0) {
    throw invalid(tool, [...unknown, ...issues(found.issues ?? [], left, unknown)]);
  }
  return found.value;
}

/** Leaves out arguments that are `null` although they may only be absent: models write it for what they leave out. */
function withoutNulls(given, published) {
  const { properties = {}, required = [] } = published;
  const isOptional = (name) => Object.hasOwn(properties, name) && !required.includes(name);
  const isAbsent = (name) => given[name] === null && isOptional(name) && check(properties[name], null, published).length > 0;
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isAbsent(name)));
}

/** Returns whether a validated value lacks a member that was given. */
function loses(given, value) {
  const isLost = (name) => given[name] !== undefined && !Object.hasOwn(value, name);
  return typeof value !== "object" || value === null || Object.keys(given).some(isLost);
}

function unknownNames(given, { properties, additionalProperties }) {
  if (additionalProperties !== false || properties === undefined) {
    return [];
  }
  const names = Object.keys(given).filter((name) => given[name] !== undefined && !Object.hasOwn(properties, name));
  return names.map((name) => unknownMember("", name, Object.keys(properties)));
}

/** Converts the issues of a library. Those about names that are unknown anyway are left out. */
function issues(list, given, unknown) {
  const said = new Set(unknown.map(({ pointer }) => pointer));
  // A misspelled name that was probably meant to be this one has been named already.
  const meant = new Set(unknown.map(({ nearest }) => nearest && below("", nearest)));
  return list.flatMap(({ path, message, code, keys }) => {
    const names = (path ?? []).map((part) => (typeof part === "object" ? part.key : part));
    const pointer = names.reduce(below, "");
    if (code === "unrecognized_keys" && Array.isArray(keys)) {
      const found = keys.map((key) => ({ pointer: below(pointer, key), message: "there is no such member" }));
      return found.filter(({ pointer }) => !said.has(pointer));
    }
    const isMissing = names.length > 0 && names.reduce((value, name) => value?.[name], given) === undefined;
    if (said.has(pointer) || (isMissing && meant.has(pointer))) {
      return [];
    }
    return [{ pointer, message: isMissing ? "is missing" : message }];
  });
}
