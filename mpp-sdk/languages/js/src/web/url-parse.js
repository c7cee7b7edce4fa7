// The parser of URLs, by the URL Standard.
import { host as parsedHost } from "./url-host.js";
import { invalid, percentEncoded } from "./url-encode.js";

/** The ports of special schemes. */
export const SPECIAL = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443", "ftp:": "21", "file:": "" };

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;

/**
 * Parses a URL.
 *
 * @returns {{ protocol: string, username: string, password: string, host: string | null, port: string, path: string[] | string, query:
 *   string | null, fragment: string | null }} a path that is a string is opaque
 */
export function parse(input, base) {
  // eslint-disable-next-line no-control-regex
  let rest = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "").replace(/[\t\n\r]/g, "");
  const url = { protocol: "", username: "", password: "", host: null, port: "", path: [], query: null, fragment: null };
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    url.fragment = percentEncoded(rest.slice(hash + 1), "fragment");
    rest = rest.slice(0, hash);
  }
  const scheme = SCHEME.exec(rest);
  if (!scheme) {
    return relative(url, rest, base);
  }
  url.protocol = `${scheme[1].toLowerCase()}:`;
  rest = rest.slice(scheme[0].length);
  const isSpecial = url.protocol in SPECIAL;
  if (isSpecial && base?.protocol === url.protocol && !/^[/\\]/.test(rest)) {
    return relative(url, rest, base);
  }
  rest = withQuery(url, rest);
  if (url.protocol === "file:") {
    const [, authority, path] = /^[/\\]{2}([^/\\]*)(.*)$/s.exec(rest) ?? [null, "", rest];
    url.host = authority === "" ? "" : parsedHost(authority, true).replace(/^localhost$/, "");
    url.path = segments([], path, true);
  } else if (isSpecial) {
    absolute(url, rest.replace(/^[/\\]*/, ""), true);
  } else if (rest.startsWith("//")) {
    absolute(url, rest.slice(2), false);
  } else if (rest.startsWith("/")) {
    url.path = segments([], rest, false);
  } else {
    url.path = percentEncoded(rest, "control");
  }
  return url;
}

/** Takes the query off the end. */
function withQuery(url, rest) {
  const at = rest.indexOf("?");
  if (at < 0) {
    return rest;
  }
  url.query = encodedQuery(rest.slice(at + 1), url.protocol);
  return rest.slice(0, at);
}

export const encodedQuery = (text, protocol) => percentEncoded(text, protocol in SPECIAL ? "specialQuery" : "query");

function relative(url, given, base) {
  if (!base || (typeof base.path === "string" && (given !== "" || url.fragment === null))) {
    throw invalid();
  }
  url.protocol = base.protocol;
  const isSpecial = url.protocol in SPECIAL;
  const path = withQuery(url, given);
  const slash = isSpecial ? /^[/\\]/ : /^\//;
  if (slash.test(path) && slash.test(path.slice(1))) {
    absolute(url, isSpecial ? path.replace(/^[/\\]+/, "") : path.slice(2), isSpecial);
    return url;
  }
  Object.assign(url, { username: base.username, password: base.password, host: base.host, port: base.port });
  if (path === "") {
    url.path = typeof base.path === "string" ? base.path : [...base.path];
    url.query = url.query ?? (given.includes("?") ? "" : base.query);
  } else {
    url.path = segments(slash.test(path) ? [] : base.path.slice(0, -1), path.replace(slash, ""), isSpecial);
  }
  return url;
}

/** Parses what follows the slashes: credentials, host, port and path. */
function absolute(url, rest, isSpecial) {
  const end = rest.search(isSpecial ? /[/\\]/ : /\//);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    const [, username, password] = /^([^:]*):?(.*)$/s.exec(authority.slice(0, at));
    url.username = percentEncoded(username, "userinfo");
    url.password = percentEncoded(password, "userinfo");
  }
  setHost(url, authority.slice(at + 1), isSpecial);
  if (at >= 0 && url.host === "") {
    throw invalid();
  }
  url.path = end < 0 ? (isSpecial ? [""] : []) : segments([], rest.slice(end), isSpecial);
}

/** Sets host and port from text such as `example.com:8080`. */
export function setHost(url, text, isSpecial) {
  const [, name, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (name === undefined || (name === "" && (isSpecial || port !== undefined))) {
    throw invalid();
  }
  url.host = name === "" ? "" : parsedHost(name, isSpecial);
  url.port = checkedPort(port ?? "", url.protocol);
}

export function checkedPort(text, protocol) {
  if (!/^\d*$/.test(text) || Number(text) > 65535) {
    throw invalid();
  }
  const port = text === "" ? "" : String(Number(text));
  return port === SPECIAL[protocol] ? "" : port;
}

/** Appends a path to segments, in which `.` and `..` are resolved. */
export function segments(before, path, isSpecial) {
  const all = [...before];
  const parts = path.split(isSpecial ? /[/\\]/ : "/");
  if (parts.length > 1 && parts[0] === "" && before.length === 0) {
    parts.shift();
  }
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    const plain = part.replace(/%2e/gi, ".");
    if (plain === "..") {
      all.pop();
    }
    if (plain === "." || plain === "..") {
      if (isLast) {
        all.push("");
      }
    } else {
      all.push(percentEncoded(part, "path"));
    }
  });
  return all;
}
