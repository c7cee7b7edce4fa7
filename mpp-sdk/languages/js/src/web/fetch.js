// `fetch` through the host, which checks the host's name and its address, and adds what the tool may not know.
//
// A request is sent and answered in one step, so nothing else runs meanwhile, and there are no streams.
import { HostError } from "../errors.js";
import { engine, reply } from "../host.js";
import { timedOut } from "./abort.js";
import { toBytes } from "./text.js";
import { URL, URLSearchParams } from "./url.js";

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const NO_BODY = ["GET", "HEAD"];
const UPPER = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"];

const trimmed = (value) => String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");

export class Headers {
  #list = new Map();

  constructor(given) {
    if (given === undefined || given === null) {
      return;
    }
    const pairs = typeof given[Symbol.iterator] === "function" ? given : Object.entries(given);
    for (const [name, value] of pairs) {
      this.append(name, value);
    }
  }

  append(name, value) {
    const [key, text] = checked(name, value);
    this.#list.set(key, [...(this.#list.get(key) ?? []), text]);
  }

  set(name, value) {
    const [key, text] = checked(name, value);
    this.#list.set(key, [text]);
  }

  get(name) {
    return this.#list.get(String(name).toLowerCase())?.join(", ") ?? null;
  }

  getSetCookie() {
    return [...(this.#list.get("set-cookie") ?? [])];
  }

  has(name) {
    return this.#list.has(String(name).toLowerCase());
  }

  delete(name) {
    this.#list.delete(String(name).toLowerCase());
  }

  forEach(callback, self) {
    for (const [name, value] of this) {
      callback.call(self, value, name, this);
    }
  }

  *entries() {
    for (const name of [...this.#list.keys()].sort()) {
      if (name === "set-cookie") {
        for (const value of this.#list.get(name)) {
          yield [name, value];
        }
      } else {
        yield [name, this.get(name)];
      }
    }
  }

  *keys() {
    for (const [name] of this.entries()) {
      yield name;
    }
  }

  *values() {
    for (const [, value] of this.entries()) {
      yield value;
    }
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}

function checked(name, value) {
  if (!NAME.test(String(name))) {
    throw new TypeError(`${JSON.stringify(String(name))} is not the name of a header`);
  }
  const text = trimmed(value);
  if (/[\0\r\n]/.test(text)) {
    throw new TypeError(`the header \`${name}\` has a line break`);
  }
  return [String(name).toLowerCase(), text];
}

/** Returns the bytes of a body and their type. */
function bodyOf(body) {
  if (body === undefined || body === null) {
    return { bytes: null };
  }
  if (typeof body === "string") {
    return { bytes: engine.encode(body), type: "text/plain;charset=UTF-8" };
  }
  if (body instanceof URLSearchParams) {
    return { bytes: engine.encode(String(body)), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return { bytes: toBytes(body).slice() };
  }
  throw new TypeError("a body is a string, an ArrayBuffer, a view of one, or URLSearchParams; streams and forms do not exist here");
}

/** What requests and responses have in common. */
class Body {
  #bytes = null;
  #used = false;

  /** Sets the body, and its type if no header does. */
  fill(body, headers) {
    const { bytes, type } = bodyOf(body);
    this.#bytes = bytes;
    if (type !== undefined && !headers.has("content-type")) {
      headers.set("content-type", type);
    }
  }

  get body() {
    return null;
  }

  get bodyUsed() {
    return this.#used;
  }

  /** Returns the bytes without using them up. */
  peek() {
    return this.#bytes;
  }

  #take() {
    if (this.#used) {
      throw new TypeError("the body has already been read");
    }
    this.#used = this.#bytes !== null;
    return this.#bytes ?? new Uint8Array(0);
  }

  async text() {
    const text = engine.decode(this.#take(), false);
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json() {
    return JSON.parse(await this.text());
  }

  async bytes() {
    return this.#take().slice();
  }

  async arrayBuffer() {
    return this.#take().slice().buffer;
  }
}

export class Request extends Body {
  constructor(input, init = {}) {
    super();
    const other = input instanceof Request ? input : undefined;
    const method = String(init.method ?? other?.method ?? "GET");
    this.method = UPPER.includes(method.toUpperCase()) ? method.toUpperCase() : method;
    if (!NAME.test(this.method)) {
      throw new TypeError(`${JSON.stringify(method)} is not a method`);
    }
    this.url = other ? other.url : new URL(input).href;
    this.headers = new Headers(init.headers ?? other?.headers);
    this.redirect = init.redirect ?? other?.redirect ?? "follow";
    this.signal = init.signal ?? other?.signal ?? null;
    const body = init.body ?? other?.peek() ?? null;
    if (body !== null && NO_BODY.includes(this.method)) {
      throw new TypeError(`a request with the method ${this.method} has no body`);
    }
    this.fill(body, this.headers);
  }

  clone() {
    return new Request(this);
  }
}

export class Response extends Body {
  constructor(body = null, init = {}) {
    super();
    this.status = init.status ?? 200;
    this.statusText = init.statusText ?? "";
    this.headers = new Headers(init.headers);
    this.url = "";
    this.redirected = false;
    this.type = "default";
    this.fill(body, this.headers);
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  clone() {
    if (this.bodyUsed) {
      throw new TypeError("the body has already been read");
    }
    const copy = new Response(this.peek(), this);
    return Object.assign(copy, { url: this.url, redirected: this.redirected, type: this.type });
  }

  static json(value, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) {
      headers.set("content-type", "application/json");
    }
    return new Response(JSON.stringify(value), { ...init, headers });
  }

  static error() {
    return Object.assign(new Response(), { status: 0, type: "error" });
  }
}

export async function fetch(input, init) {
  const request = new Request(input, init);
  request.signal?.throwIfAborted();
  const head = { method: request.method, url: request.url, headers: [...request.headers] };
  if (request.redirect !== "follow") {
    head.redirects = 0;
  }
  const deadline = request.signal?.deadline;
  if (deadline !== undefined) {
    head.timeout_ms = Math.max(1, Math.ceil(deadline - Date.now()));
  }
  let bytes;
  try {
    bytes = reply(engine.http_send(message(head, request.peek())), "network");
  } catch (error) {
    if (error instanceof HostError && error.code === "timeout" && deadline !== undefined) {
      throw timedOut();
    }
    throw new TypeError(`fetch failed: ${error.message}`, { cause: error });
  }
  const { head: answer, body } = parts(bytes);
  if (request.redirect === "error" && answer.status >= 300 && answer.status < 400) {
    const cause = new HostError("invalid", `${request.url} redirects, which the request does not allow`);
    throw new TypeError(`fetch failed: ${cause.message}`, { cause });
  }
  const response = new Response(body, { status: answer.status, headers: answer.headers });
  return Object.assign(response, { url: answer.url, redirected: answer.url !== request.url, type: "basic" });
}

function message(head, body) {
  const text = engine.encode(JSON.stringify(head));
  const whole = new Uint8Array(4 + text.length + (body?.length ?? 0));
  new DataView(whole.buffer).setUint32(0, text.length, true);
  whole.set(text, 4);
  if (body) {
    whole.set(body, 4 + text.length);
  }
  return whole;
}

function parts(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { head: JSON.parse(engine.decode(bytes.subarray(4, 4 + length), false)), body: bytes.subarray(4 + length) };
}
