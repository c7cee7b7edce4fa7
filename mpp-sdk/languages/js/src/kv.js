// The state that the host keeps for the package between calls. In tests it is a map in memory.
import { HostError } from "./errors.js";
import { engine, reply } from "./host.js";

/** The keys and values of tests, as text in Latin-1, so that keys compare by their bytes. */
const memory = new Map();
const MAX_KEYS = 1000;

const encode = (value) =>
  value instanceof Uint8Array ? value : engine ? engine.encode(value) : new TextEncoder().encode(value);
const decode = (bytes) => (engine ? engine.decode(bytes, false) : new TextDecoder().decode(bytes));
const toLatin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const fromLatin1 = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The state as it is used in tests: the functions of the host, with the same results. */
const native = {
  get: (key) => alive(toLatin1(key))?.value,
  set: (key, value, time = 0n) => {
    const expires = time > 0n ? Date.now() + Number(time) : Infinity;
    memory.set(toLatin1(key), { value: Uint8Array.from(value), expires });
  },
  /** Changes a value, and not when it expires. */
  replace: (key, value) => {
    const expires = alive(toLatin1(key))?.expires ?? Infinity;
    memory.set(toLatin1(key), { value, expires });
  },
  delete: (key) => {
    const existed = alive(toLatin1(key)) !== undefined;
    memory.delete(toLatin1(key));
    return existed;
  },
};

function alive(key) {
  const found = memory.get(key);
  return found !== undefined && found.expires > Date.now() ? found : undefined;
}

function check(key) {
  const bytes = encode(key);
  if (typeof key !== "string" || bytes.length === 0) {
    throw new HostError("invalid", "a key is a string of 1 to 1024 bytes");
  }
  if (bytes.length > 1024) {
    throw new HostError("too_large", `a key has at most 1024 bytes, found ${bytes.length}`);
  }
  return bytes;
}

function milliseconds(ttl) {
  if (ttl === undefined) {
    return 0n;
  }
  if (!Number.isFinite(ttl) || ttl <= 0) {
    throw new RangeError(`\`ttl\`: expected a time in milliseconds that is more than 0, found ${ttl}`);
  }
  return BigInt(Math.ceil(ttl));
}

/** The package's state. `index.d.ts` documents it. */
export const kv = {
  async getBytes(key) {
    const bytes = check(key);
    if (!engine) {
      return native.get(bytes);
    }
    const found = engine.kv_get(bytes);
    return found === -1 ? undefined : reply(found, "kv");
  },

  async get(key) {
    const bytes = await kv.getBytes(key);
    return bytes === undefined ? undefined : JSON.parse(decode(bytes));
  },

  async getText(key) {
    const bytes = await kv.getBytes(key);
    return bytes === undefined ? undefined : decode(bytes);
  },

  async set(key, value, options = {}) {
    const text = JSON.stringify(value);
    if (text === undefined) {
      throw new TypeError(`the value of \`${key}\` cannot be written as JSON`);
    }
    await kv.setBytes(key, encode(text), options);
  },

  async setText(key, value, options = {}) {
    await kv.setBytes(key, encode(String(value)), options);
  },

  async setBytes(key, value, { ttl } = {}) {
    const bytes = check(key);
    const time = milliseconds(ttl);
    if (engine) {
      reply(engine.kv_set(bytes, value, time), "kv");
    } else {
      native.set(bytes, encode(value), time);
    }
  },

  async delete(key) {
    const bytes = check(key);
    if (!engine) {
      return native.delete(bytes);
    }
    const result = engine.kv_delete(bytes);
    reply(result, "kv");
    return result === 1;
  },

  async increment(key, by = 1) {
    const bytes = check(key);
    if (!Number.isSafeInteger(by)) {
      throw new RangeError(`expected a whole number to add, found ${by}`);
    }
    if (engine) {
      const sum = reply(engine.kv_increment(bytes, BigInt(by)), "kv");
      return Number(new DataView(sum.buffer, sum.byteOffset, 8).getBigInt64(0, true));
    }
    const known = native.get(bytes);
    const text = known === undefined ? "0" : decode(known);
    if (!/^-?\d+$/.test(text)) {
      throw new HostError("invalid", `the value of \`${key}\` is not a number`);
    }
    native.replace(bytes, encode(String(Number(text) + by)));
    return Number(text) + by;
  },

  async compareAndSwap(key, expected, value, { ttl } = {}) {
    const bytes = check(key);
    const time = milliseconds(ttl);
    const [from, to] = [expected, value].map((it) => (it === undefined ? null : encode(it)));
    if (engine) {
      const result = engine.kv_compare_and_swap(bytes, from, to, time);
      reply(result, "kv");
      return result === 1;
    }
    const known = native.get(bytes);
    const equal = known === undefined || from === null ? known === (from ?? undefined) : toLatin1(known) === toLatin1(from);
    if (equal && to === null) {
      native.delete(bytes);
    } else if (equal) {
      native.set(bytes, to, time);
    }
    return equal;
  },

  async list({ prefix = "", after = "", limit = MAX_KEYS } = {}) {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_KEYS) {
      throw new RangeError(`\`limit\`: expected 1 to ${MAX_KEYS}, found ${limit}`);
    }
    if (!engine) {
      const [start, from] = [prefix, after].map((text) => toLatin1(encode(text)));
      const keys = [...memory.keys()].filter((key) => alive(key) && key.startsWith(start) && key > from).sort();
      return keys.slice(0, limit).map((key) => decode(fromLatin1(key)));
    }
    const bytes = reply(engine.kv_list(encode(prefix), encode(after), limit), "kv");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const keys = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + view.getUint32(at, true);
      keys.push(decode(bytes.subarray(at + 4, end)));
      at = end;
    }
    return keys;
  },
};

/** Removes everything from the state of tests. */
export function clearState() {
  memory.clear();
}
