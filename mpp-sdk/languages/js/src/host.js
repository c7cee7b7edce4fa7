// What the SDK uses of its host: in the sandbox the functions of the engine, and elsewhere, in tests, stand-ins.
import { DeniedError, HostError } from "./errors.js";
import * as status from "./status.js";

/** The functions of the engine; `undefined` outside the sandbox. */
export const engine = globalThis.__mpp_v1;

/** The error codes of {@link HostError} by status. */
const CODES = new Map([
  [status.NOT_FOUND, "not_found"],
  [status.INVALID, "invalid"],
  [status.FULL, "full"],
  [status.TOO_LARGE, "too_large"],
  [status.CONFLICT, "conflict"],
  [status.TIMEOUT, "timeout"],
  [status.CONNECTION, "connection"],
]);

/** What a manifest without a capability has to declare, for functions that are then not even imported. */
const UNDECLARED = {
  network: 'the manifest declares no hosts; add `"network": ["api.example.com"]` to `capabilities` of manifest.json',
  kv: 'the manifest declares no state; add `"kv": { "max_bytes": 1048576 }` to `capabilities` of manifest.json',
};

/**
 * Returns the reply to a call of the host, or throws its error.
 *
 * @param {number} result what the host's function returned
 * @param {"network" | "kv"} capability what the function needs
 * @returns {Uint8Array}
 */
export function reply(result, capability) {
  const bytes = engine.reply();
  if (result >= 0) {
    return bytes;
  }
  const message = engine.decode(bytes, false);
  if (result === status.DENIED) {
    throw new DeniedError(message || UNDECLARED[capability]);
  }
  throw new HostError(CODES.get(result) ?? "unavailable", message || "the host gave no reason");
}

/**
 * Returns an environment variable that the manifest declares.
 *
 * @param {string} name
 * @returns {string}
 */
export function env(name) {
  const value = engine ? engine.env(name) : globalThis.process?.env[name];
  if (value === undefined) {
    const message =
      `the environment variable \`${name}\` is not set; declare it in \`env_vars\` of manifest.json, ` +
      "and set it when the tool runs";
    throw new DeniedError(message, { variable: name });
  }
  return value;
}
