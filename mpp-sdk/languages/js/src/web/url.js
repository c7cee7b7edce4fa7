// URL and URLSearchParams, by the URL Standard.
import { formEncoded, percentDecoded, percentEncoded } from "./url-encode.js";
import { checkedPort, encodedQuery, parse, segments, setHost, SPECIAL } from "./url-parse.js";

const update = Symbol("update");

export class URLSearchParams {
  #list = [];
  /** Called after each change. */
  [update] = () => {};

  constructor(given = "") {
    if (typeof given === "object" && given !== null) {
      const pairs = typeof given[Symbol.iterator] === "function" ? given : Object.entries(given);
      for (const pair of pairs) {
        const [name, value, ...more] = pair;
        if (value === undefined || more.length > 0) {
          throw new TypeError("expected pairs of a name and a value");
        }
        this.#list.push([String(name).toWellFormed(), String(value).toWellFormed()]);
      }
    } else {
      this.#parse(String(given));
    }
  }

  #parse(text) {
    const decoded = (part) => percentDecoded(part.replaceAll("+", " "));
    const parts = text.replace(/^\?/, "").split("&").filter((part) => part !== "");
    this.#list = parts.map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [decoded(part), ""] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
    });
  }

  /** Replaces everything, without a call of `update`. */
  reset(text) {
    this.#parse(text);
  }

  get size() {
    return this.#list.length;
  }

  append(name, value) {
    this.#list.push([String(name).toWellFormed(), String(value).toWellFormed()]);
    this[update]();
  }

  delete(name, value) {
    const wanted = value === undefined ? undefined : String(value);
    this.#list = this.#list.filter(([key, known]) => key !== String(name) || (wanted !== undefined && known !== wanted));
    this[update]();
  }

  get(name) {
    return this.#list.find(([key]) => key === String(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#list.filter(([key]) => key === String(name)).map(([, value]) => value);
  }

  has(name, value) {
    return this.#list.some(([key, known]) => key === String(name) && (value === undefined || known === String(value)));
  }

  set(name, value) {
    const first = this.#list.findIndex(([key]) => key === String(name));
    if (first < 0) {
      this.append(name, value);
      return;
    }
    this.#list[first] = [String(name).toWellFormed(), String(value).toWellFormed()];
    this.#list = this.#list.filter(([key], index) => index <= first || key !== String(name));
    this[update]();
  }

  sort() {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this[update]();
  }

  forEach(callback, self) {
    for (const [name, value] of this) {
      callback.call(self, value, name, this);
    }
  }

  entries() {
    return this.#list.map((pair) => [...pair]).values();
  }

  keys() {
    return this.#list.map(([name]) => name).values();
  }

  values() {
    return this.#list.map(([, value]) => value).values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return this.#list.map(([name, value]) => `${formEncoded(name)}=${formEncoded(value)}`).join("&");
  }
}

export class URL {
  #url;
  #params;

  constructor(input, base) {
    const against = base === undefined ? undefined : parse(String(base).toWellFormed());
    this.#url = parse(String(input).toWellFormed(), against);
  }

  static canParse(input, base) {
    return URL.parse(input, base) !== null;
  }

  static parse(input, base) {
    try {
      return new URL(input, base);
    } catch {
      return null;
    }
  }

  get #isSpecial() {
    return this.#url.protocol in SPECIAL;
  }

  /** Makes a change to a copy, and keeps it if it is valid. An invalid value of a setter is ignored. */
  #change(make) {
    const copy = { ...this.#url };
    try {
      make(copy);
    } catch {
      return;
    }
    this.#url = copy;
  }

  get href() {
    const { protocol, username, password, host, path } = this.#url;
    let text = protocol;
    if (host !== null) {
      const credentials = username + (password ? `:${password}` : "");
      text += `//${credentials}${credentials ? "@" : ""}${this.host}`;
    } else if (typeof path !== "string" && path.length > 1 && path[0] === "") {
      text += "/.";
    }
    return text + this.pathname + this.#search() + this.#hash();
  }

  set href(value) {
    this.#url = parse(String(value));
    this.#params?.reset(this.#url.query ?? "");
  }

  get origin() {
    const { protocol } = this.#url;
    return this.#isSpecial && protocol !== "file:" ? `${protocol}//${this.host}` : "null";
  }

  get protocol() {
    return this.#url.protocol;
  }

  set protocol(value) {
    const found = /^([a-z][a-z0-9+.-]*):?/i.exec(String(value));
    const protocol = found && `${found[1].toLowerCase()}:`;
    if (protocol && protocol in SPECIAL === this.#isSpecial) {
      this.#change((url) => {
        url.protocol = protocol;
        url.port = checkedPort(url.port, protocol);
      });
    }
  }

  get username() {
    return this.#url.username;
  }

  set username(value) {
    this.#change((url) => (url.username = percentEncoded(String(value), "userinfo")));
  }

  get password() {
    return this.#url.password;
  }

  set password(value) {
    this.#change((url) => (url.password = percentEncoded(String(value), "userinfo")));
  }

  get host() {
    const { host, port } = this.#url;
    return (host ?? "") + (port === "" ? "" : `:${port}`);
  }

  set host(value) {
    const text = String(value).split(/[/?#\\]/, 1)[0];
    this.#change((url) => {
      const port = url.port;
      setHost(url, text, this.#isSpecial);
      url.port = /:\d+$/.test(text) ? url.port : port;
    });
  }

  get hostname() {
    return this.#url.host ?? "";
  }

  set hostname(value) {
    const text = String(value).split(/[/?#\\]/, 1)[0];
    if (!/^[^[].*:|\]:/.test(text)) {
      this.#change((url) => {
        const port = url.port;
        setHost(url, text, this.#isSpecial);
        url.port = port;
      });
    }
  }

  get port() {
    return this.#url.port;
  }

  set port(value) {
    const text = String(value);
    const digits = /^\d+/.exec(text)?.[0];
    if (text === "" || digits !== undefined) {
      this.#change((url) => (url.port = checkedPort(digits ?? "", url.protocol)));
    }
  }

  get pathname() {
    const { path } = this.#url;
    return typeof path === "string" ? path : path.map((part) => `/${part}`).join("");
  }

  set pathname(value) {
    if (typeof this.#url.path !== "string") {
      const text = String(value).replace(/\?/g, "%3F").replace(/#/g, "%23");
      this.#change((url) => (url.path = segments([], text, this.#isSpecial)));
    }
  }

  #search() {
    return this.#url.query === null ? "" : `?${this.#url.query}`;
  }

  get search() {
    return this.#url.query ? `?${this.#url.query}` : "";
  }

  set search(value) {
    const text = String(value).replace(/^\?/, "");
    this.#change((url) => (url.query = String(value) === "" ? null : encodedQuery(text, url.protocol).replace(/#/g, "%23")));
    this.#params?.reset(this.#url.query ?? "");
  }

  get searchParams() {
    if (this.#params === undefined) {
      this.#params = new URLSearchParams(this.#url.query ?? "");
      this.#params[update] = () => {
        const text = String(this.#params);
        this.#url = { ...this.#url, query: text === "" ? null : text };
      };
    }
    return this.#params;
  }

  #hash() {
    return this.#url.fragment === null ? "" : `#${this.#url.fragment}`;
  }

  get hash() {
    return this.#url.fragment ? `#${this.#url.fragment}` : "";
  }

  set hash(value) {
    const text = String(value).replace(/^#/, "");
    this.#change((url) => (url.fragment = String(value) === "" ? null : percentEncoded(text, "fragment")));
  }

  toString() {
    return this.href;
  }

  toJSON() {
    return this.href;
  }
}
