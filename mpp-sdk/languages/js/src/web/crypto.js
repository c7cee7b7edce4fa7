// Random numbers, from the host.
import { engine } from "../host.js";
import { toBytes } from "./text.js";

const MOST = 65536;

function getRandomValues(into) {
  const bytes = toBytes(into);
  if (bytes.length > MOST) {
    throw new DOMException(`at most ${MOST} random bytes at once, found ${bytes.length}`, "QuotaExceededError");
  }
  engine.random(bytes);
  return into;
}

function randomUUID() {
  const bytes = engine.random(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, digits);
}

export const crypto = { getRandomValues, randomUUID };
