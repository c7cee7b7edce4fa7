// Percent-encoding, by the URL Standard.
import { engine } from "../host.js";

/** Characters that are encoded besides controls and everything that is not ASCII. */
const SETS = {
  control: "",
  fragment: ' "<>`',
  query: ' "#<>',
  specialQuery: " \"#<>'",
  path: ' "#<>?^`{}',
  userinfo: ' "#<>?^`{}/:;=@[\\]|',
};

// Tests run this file outside the sandbox, where the platform encodes text.
export const utf8 = (text) => (engine ? engine.encode(text) : new TextEncoder().encode(text));
const fromUtf8 = (bytes) => (engine ? engine.decode(bytes, false) : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));

const escaped = (bytes) => Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");

export function percentEncoded(text, set) {
  const more = SETS[set];
  let encoded = "";
  for (const character of text) {
    const code = character.codePointAt(0);
    encoded += code > 0x7e || code < 0x20 || more.includes(character) ? escaped(utf8(character)) : character;
  }
  return encoded;
}

export function percentDecoded(text) {
  if (!text.includes("%")) {
    return text;
  }
  const bytes = [];
  const given = utf8(text);
  for (let i = 0; i < given.length; i++) {
    const hex = given[i] === 0x25 ? String.fromCharCode(...given.subarray(i + 1, i + 3)) : "";
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes.push(parseInt(hex, 16));
      i += 2;
    } else {
      bytes.push(given[i]);
    }
  }
  return fromUtf8(Uint8Array.from(bytes));
}

/** Encodes a name or a value of a form. */
export function formEncoded(text) {
  let encoded = "";
  for (const character of text) {
    encoded += /[A-Za-z0-9*\-._]/.test(character) ? character : character === " " ? "+" : escaped(utf8(character));
  }
  return encoded;
}

export const invalid = () => new TypeError("Invalid URL");
