// Checks arguments against a JSON Schema, for tools whose schema is not that of a library.
//
// The host checks every keyword before it calls the tool. Here are those that nearly all schemas consist of, so that tests, and hosts
// that check nothing, get the same errors.
import { below, inWords, unknown } from "./mistakes.js";
import { nearest } from "./nearest.js";

/** How deep references without end are followed. */
const DEEPEST = 64;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
};

const withArticle = (type) => (type === "null" ? type : `${/^[aio]/.test(type) ? "an" : "a"} ${type}`);

/**
 * Returns the mistakes in a value.
 *
 * @param {object} schema
 * @param {unknown} value
 * @param {object} [root] the schema in which references are looked up, if it is another one
 * @returns {import("./mistakes.js").Mistake[]}
 */
export function check(schema, value, root = schema) {
  return found(schema, value, "", root, 0);
}

function found(schema, value, at, root, depth) {
  if (schema === false) {
    return [{ pointer: at, message: "is not allowed" }];
  }
  if (!isObject(schema) || depth > DEEPEST) {
    return [];
  }
  const inner = (schema, value, at) => found(schema, value, at, root, depth + 1);
  const mistakes = typeof schema.$ref === "string" ? inner(referenced(root, schema.$ref), value, at) : [];
  for (const part of schema.allOf ?? []) {
    mistakes.push(...inner(part, value, at));
  }
  for (const choices of [schema.anyOf, schema.oneOf]) {
    mistakes.push(...best((choices ?? []).map((choice) => inner(choice, value, at))));
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => TYPES[type]?.(value) ?? true)) {
    mistakes.push({ pointer: at, message: `expected ${types.map(withArticle).join(" or ")}, found ${inWords(value)}` });
    return mistakes;
  }
  mistakes.push(...notAmong(schema, value, at), ...beyond(schema, value).map((message) => ({ pointer: at, message })));
  if (Array.isArray(value)) {
    const items = (index) => schema.prefixItems?.[index] ?? schema.items;
    value.forEach((item, index) => mistakes.push(...inner(items(index), item, below(at, index))));
  } else if (isObject(value)) {
    mistakes.push(...members(schema, value, at, inner));
  }
  return mistakes;
}

/** Returns the schema that a reference such as `#/$defs/name` names; everything is allowed where it names none. */
function referenced(root, reference) {
  if (!reference.startsWith("#")) {
    return true;
  }
  const parts = reference.slice(1).split("/").slice(1);
  const names = parts.map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce((schema, name) => schema?.[name], root);
}

/** Returns the mistakes of the choice that the value is meant to be: a mistake inside a value is more useful than one about all of it. */
function best(choices) {
  const deepest = (mistakes) => Math.max(...mistakes.map(({ pointer }) => pointer.split("/").length));
  return choices.reduce((best, other) => (best.length > 0 && (other.length === 0 || deepest(other) > deepest(best)) ? other : best), choices[0] ?? []);
}

function notAmong(schema, value, at) {
  const allowed = "const" in schema ? [schema.const] : schema.enum;
  const text = JSON.stringify(value);
  if (!Array.isArray(allowed) || allowed.some((other) => JSON.stringify(other) === text)) {
    return [];
  }
  const message = `expected ${allowed.length > 1 ? "one of " : ""}${allowed.map((other) => `\`${typeof other === "string" ? other : JSON.stringify(other)}\``).join(", ")}`;
  const texts = allowed.filter((other) => typeof other === "string");
  const meant = typeof value === "string" ? nearest(value, texts) : undefined;
  return [meant === undefined ? { pointer: at, message } : { pointer: at, message, nearest: meant }];
}

/** Returns the number of code points. An array of them would take much memory. */
function characters(text) {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}

/** Returns what is wrong with the size of a value, or with its text. */
function beyond(schema, value) {
  const messages = [];
  const limit = (keyword, fits, words) => {
    if (schema[keyword] !== undefined && !fits(schema[keyword])) {
      messages.push(words(schema[keyword]));
    }
  };
  if (typeof value === "number") {
    limit("minimum", (bound) => value >= bound, (bound) => `expected at least ${bound}, found ${value}`);
    limit("maximum", (bound) => value <= bound, (bound) => `expected at most ${bound}, found ${value}`);
    limit("exclusiveMinimum", (bound) => value > bound, (bound) => `expected more than ${bound}, found ${value}`);
    limit("exclusiveMaximum", (bound) => value < bound, (bound) => `expected less than ${bound}, found ${value}`);
  } else if (typeof value === "string") {
    const length = characters(value);
    limit("minLength", (bound) => length >= bound, (bound) => `expected at least ${bound} characters, found ${length}`);
    limit("maxLength", (bound) => length <= bound, (bound) => `expected at most ${bound} characters, found ${length}`);
    limit("pattern", (pattern) => new RegExp(pattern, "u").test(value), (pattern) => `expected a string that matches \`${pattern}\``);
  } else if (Array.isArray(value)) {
    limit("minItems", (bound) => value.length >= bound, (bound) => `expected at least ${bound} items, found ${value.length}`);
    limit("maxItems", (bound) => value.length <= bound, (bound) => `expected at most ${bound} items, found ${value.length}`);
  }
  return messages;
}

function members(schema, value, at, inner) {
  const properties = schema.properties ?? {};
  const known = Object.keys(properties);
  const others = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  const mistakes = [];
  if (schema.additionalProperties === false && schema.patternProperties === undefined) {
    mistakes.push(...others.map((name) => unknown(at, name, known)));
  } else {
    others.forEach((name) => mistakes.push(...inner(schema.additionalProperties, value[name], below(at, name))));
  }
  // A misspelled name that was probably meant to be this one has been named already.
  const meant = mistakes.map(({ nearest }) => nearest);
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name) && !meant.includes(name)) {
      mistakes.push({ pointer: below(at, name), message: "is missing" });
    }
  }
  for (const name of known.filter((name) => Object.hasOwn(value, name))) {
    mistakes.push(...inner(properties[name], value[name], below(at, name)));
  }
  return mistakes;
}
