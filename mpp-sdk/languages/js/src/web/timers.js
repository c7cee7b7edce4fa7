// Timers. The engine calls `wait` when nothing else is left to do.
import { engine } from "../host.js";

let next = 1;
const timers = new Map();

function add(callback, delay, given, repeats) {
  if (typeof callback !== "function") {
    throw new TypeError("a timer calls a function");
  }
  const milliseconds = Math.max(repeats ? 1 : 0, Number(delay) || 0);
  const id = next++;
  timers.set(id, { id, at: Date.now() + milliseconds, callback, given, every: repeats ? milliseconds : undefined });
  return id;
}

export const setTimeout = (callback, delay, ...given) => add(callback, delay, given, false);
export const setInterval = (callback, delay, ...given) => add(callback, delay, given, true);
export const setImmediate = (callback, ...given) => add(callback, 0, given, false);
export const clearTimeout = (id) => void timers.delete(id);
export const clearInterval = clearTimeout;
export const clearImmediate = clearTimeout;

/** Waits for the next timer and calls its function. Returns whether there was one. */
export function wait() {
  let first;
  for (const timer of timers.values()) {
    if (first === undefined || timer.at < first.at) {
      first = timer;
    }
  }
  if (first === undefined) {
    return false;
  }
  engine.sleep(first.at - Date.now());
  if (first.every === undefined) {
    timers.delete(first.id);
  } else {
    first.at = Date.now() + first.every;
  }
  first.callback(...first.given);
  return true;
}
