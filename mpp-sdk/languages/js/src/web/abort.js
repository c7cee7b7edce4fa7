// Ending something early.
import { Event, EventTarget } from "./event.js";
import { setTimeout } from "./timers.js";

const aborted = Symbol("abort");

export class AbortSignal extends EventTarget {
  #reason;
  #isAborted = false;
  onabort = null;
  /** When a signal of `timeout` aborts, in milliseconds since 1970: a request ends by then, although nothing else runs meanwhile. */
  deadline = undefined;

  get aborted() {
    return this.#isAborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#isAborted) {
      throw this.#reason;
    }
  }

  [aborted](reason) {
    if (this.#isAborted) {
      return;
    }
    this.#isAborted = true;
    this.#reason = reason === undefined ? new DOMException("the operation was aborted", "AbortError") : reason;
    const event = new Event("abort");
    this.onabort?.(event);
    this.dispatchEvent(event);
  }

  static abort(reason) {
    const signal = new AbortSignal();
    signal[aborted](reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = new AbortSignal();
    signal.deadline = Date.now() + Number(milliseconds);
    setTimeout(() => signal[aborted](timedOut()), milliseconds);
    return signal;
  }

  static any(signals) {
    const signal = new AbortSignal();
    for (const other of signals) {
      if (other.aborted) {
        signal[aborted](other.reason);
        break;
      }
      if (other.deadline !== undefined) {
        signal.deadline = Math.min(signal.deadline ?? Infinity, other.deadline);
      }
      other.addEventListener("abort", () => signal[aborted](other.reason), { once: true });
    }
    return signal;
  }
}

/** The reason of a signal whose time is up. */
export const timedOut = () => new DOMException("the operation timed out", "TimeoutError");

export class AbortController {
  signal = new AbortSignal();

  abort(reason) {
    this.signal[aborted](reason);
  }
}
