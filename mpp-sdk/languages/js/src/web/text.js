// The Encoding Standard, as far as it concerns UTF-8.
import { engine } from "../host.js";

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return engine.encode(text);
  }

  encodeInto(text, into) {
    let read = 0;
    let written = 0;
    for (const character of String(text)) {
      const bytes = engine.encode(character);
      if (written + bytes.length > into.length) {
        break;
      }
      into.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

const NAMES = ["utf-8", "utf8", "unicode-1-1-utf-8"];

export class TextDecoder {
  #rest = new Uint8Array(0);
  #started = false;

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    if (!NAMES.includes(String(label).trim().toLowerCase())) {
      throw new RangeError(`the encoding \`${label}\` is not supported: only UTF-8 is`);
    }
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }

  get encoding() {
    return "utf-8";
  }

  decode(input, { stream = false } = {}) {
    let bytes = joined(this.#rest, toBytes(input));
    this.#rest = new Uint8Array(0);
    if (stream) {
      const whole = bytes.length - unfinished(bytes);
      this.#rest = bytes.slice(whole);
      bytes = bytes.subarray(0, whole);
    }
    let text = engine.decode(bytes, this.fatal);
    if (text === null) {
      throw new TypeError("the bytes are not UTF-8");
    }
    if (!this.#started && !this.ignoreBOM && text.charCodeAt(0) === 0xfeff) {
      text = text.slice(1);
    }
    this.#started = stream && (this.#started || bytes.length > 0);
    return text;
  }
}

export function toBytes(input) {
  if (input === undefined) {
    return new Uint8Array(0);
  }
  if (input instanceof ArrayBuffer) {
    return new Uint8Array(input);
  }
  if (ArrayBuffer.isView(input)) {
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  throw new TypeError("expected an ArrayBuffer or a view of one");
}

function joined(a, b) {
  if (a.length === 0) {
    return b;
  }
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** Returns how many bytes at the end are the start of a character. */
function unfinished(bytes) {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
    if (byte < 0x80) {
      return 0;
    }
  }
  return 0;
}
