// The parts of the web platform that tools use, as globals of the engine. `mpp build` imports this file before the tool, so that
// every library finds them. Outside the sandbox the platform has its own.
import { engine } from "./host.js";
import { AbortController, AbortSignal } from "./web/abort.js";
import { console } from "./web/console.js";
import { crypto } from "./web/crypto.js";
import { Event, EventTarget } from "./web/event.js";
import { fetch, Headers, Request, Response } from "./web/fetch.js";
import { structuredClone } from "./web/clone.js";
import { TextDecoder, TextEncoder } from "./web/text.js";
import * as timers from "./web/timers.js";
import { URL, URLSearchParams } from "./web/url.js";

if (engine) {
  const { wait, ...functions } = timers;
  const globals = {
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    Headers,
    Request,
    Response,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    console,
    crypto,
    fetch,
    structuredClone,
    ...functions,
  };
  for (const [name, value] of Object.entries(globals)) {
    // Some engines have a part of the platform that is more than the SDK's.
    if (engine.kept?.includes(name)) {
      continue;
    }
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  globalThis.self ??= globalThis;
  engine.wait = wait;
  engine.rejected = rejected;
}

const unhandled = new Map();

/** Reports promises that are rejected and that nobody waits for, once it is certain that nobody will. */
function rejected(promise, reason, isHandled) {
  if (isHandled) {
    unhandled.delete(promise);
    return;
  }
  unhandled.set(promise, reason);
  if (unhandled.size === 1) {
    // Several turns later: whoever awaits it in this turn, or in those that follow from it, has done so by then.
    let turns = 8;
    const later = () => {
      turns -= 1;
      if (turns > 0) {
        queueMicrotask(later);
        return;
      }
      for (const [, found] of unhandled) {
        console.error("a promise was rejected, and nothing handles it:", found);
      }
      unhandled.clear();
    };
    queueMicrotask(later);
  }
}
