// Mistakes in the arguments of a call.
import { RpcError } from "./errors.js";
import { nearest } from "./nearest.js";

/** How many mistakes an error lists. */
const MOST = 20;

/**
 * A mistake in the arguments of a call.
 *
 * @typedef {object} Mistake
 * @property {string} pointer the JSON pointer (RFC 6901) to the wrong value; empty for the arguments as a whole
 * @property {string} message
 * @property {string} [nearest] the name that was probably meant
 */

/** Returns the JSON pointer to a member of the value at a pointer. */
export const below = (pointer, name) => `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Says what a value is. */
export function inWords(value) {
  if (value === null || value === undefined || typeof value === "boolean") {
    return String(value);
  }
  const words = { string: "a string", number: Number.isInteger(value) ? "an integer" : "a number", object: "an object" };
  return Array.isArray(value) ? "an array" : (words[typeof value] ?? `a ${typeof value}`);
}

/**
 * Returns the mistake that there is no member of this name.
 *
 * @param {string} pointer where the object is; the outermost members are the arguments
 * @param {string} name
 * @param {string[]} known
 * @returns {Mistake}
 */
export function unknown(pointer, name, known) {
  const what = pointer === "" ? "argument" : "member";
  const meant = nearest(name, known);
  const mistake = { pointer: below(pointer, name), message: `there is no such ${what}` };
  if (meant !== undefined) {
    return { ...mistake, nearest: meant };
  }
  mistake.message += known.length > 0 ? `, expected ${known.map((other) => `\`${other}\``).join(", ")}` : `; there are no ${what}s`;
  return mistake;
}

/**
 * Returns the error for arguments that do not fit.
 *
 * @param {string} tool
 * @param {Mistake[]} mistakes at least one
 */
export function invalid(tool, mistakes) {
  const listed = mistakes.slice(0, MOST);
  const sentence = ({ pointer, message, nearest }) =>
    (pointer === "" ? "" : `\`${pointer}\`: `) + message + (nearest === undefined ? "" : `; did you mean \`${nearest}\`?`);
  const message = `the arguments do not fit \`${tool}\`: ${listed.map(sentence).join("; ")}`;
  return new RpcError(-32602, "invalid_arguments", message, { tool, pointer: listed[0].pointer, mistakes: listed });
}
