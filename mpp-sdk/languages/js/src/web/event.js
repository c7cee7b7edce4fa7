// Events, as far as AbortSignal needs them.

export class Event {
  constructor(type) {
    this.type = String(type);
    this.target = null;
    this.defaultPrevented = false;
  }

  preventDefault() {
    this.defaultPrevented = true;
  }
}

export class EventTarget {
  #listeners = [];

  addEventListener(type, listener, options) {
    const once = typeof options === "object" && options !== null && options.once === true;
    if (listener && !this.#listeners.some((known) => known.type === type && known.listener === listener)) {
      this.#listeners.push({ type, listener, once });
    }
  }

  removeEventListener(type, listener) {
    this.#listeners = this.#listeners.filter((known) => known.type !== type || known.listener !== listener);
  }

  dispatchEvent(event) {
    event.target = this;
    for (const known of this.#listeners.filter((known) => known.type === event.type)) {
      if (known.once) {
        this.removeEventListener(known.type, known.listener);
      }
      if (typeof known.listener === "function") {
        known.listener.call(this, event);
      } else {
        known.listener.handleEvent(event);
      }
    }
    return !event.defaultPrevented;
  }
}
