// URLs, compared with those of Node.
import assert from "node:assert/strict";
import { test } from "node:test";

import { URL as OwnURL, URLSearchParams as OwnParams } from "../src/web/url.js";

const INPUTS = [
  "http://a", "https://Example.COM:443/a/../b/./c?x=1#h", "http://u:p@h:80/", "http://[::1]:8080/x", "http://[1:2::0:0:5]/",
  "http://0x7f.1/", "http://256.1.1.1", "http://1.2.3", "http://a b/", "http://ex%41mple.com/%7Efoo/%zz?q='<>#`", "http:\\\\a\\b",
  "//x", "/rel?q", "?q=2", "#f", "../up", "a/b/../../c", "http:foo", "mailto:a@b.c", "data:text/plain,hi there", "file:///etc/passwd",
  "file://localhost/x", "http://münchen.de/ä?ö#ü", "http://例え.jp", "http://a:99999", "http://a:", "http://", "http:///a", "https://a?b",
  "https://a#", "https://a?", "http://a/%2e%2E/b", "http://a/b/..", "http://a/b/.", "javascript:alert(1)", "foo://bar/baz/../q",
  "foo:/a/b", "foo:///x", "  http://trim.me  ", "http://a\tb/c\nd", "http://user@/x", "http://a@b@c/", "http://h/\\x",
  "http://[::ffff:1.2.3.4]/", "http://[1::2::3]/", "http://1e2/", "http://a.b.0x10/", "http://😀.la/", "x", 'http://a/{}|`"<>',
  "http://a/?{}|^`\"<>'", "http://%00/", "http://a%2fb/", "ws://a:80/x", "wss://a:80/x", "http://a/\ud800",
];
const BASES = [undefined, "http://base.example:81/p/q?r#s", "foo://b/c/d", "mailto:x"];
const PARTS = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

test("parses as Node does", () => {
  const of = (Type, input, base) => {
    try {
      const url = new Type(input, base);
      return PARTS.map((part) => url[part]);
    } catch (error) {
      return error.name;
    }
  };
  for (const base of BASES) {
    for (const input of INPUTS) {
      assert.deepEqual(of(OwnURL, input, base), of(URL, input, base), `${JSON.stringify(input)} against ${base}`);
    }
  }
});

test("changes as Node does", () => {
  const changes = [
    ["hash", "x"], ["hash", ""], ["search", "?a=b#c"], ["search", ""], ["port", "8080"], ["port", "x"], ["port", "80"],
    ["host", "n:9"], ["host", "n"], ["hostname", "n"], ["hostname", "m:1"], ["hostname", "[::1]"], ["pathname", "/a b/../c?#"],
    ["protocol", "https"], ["protocol", "foo"], ["username", "ü"], ["password", "p:p"], ["href", "https://z/"],
  ];
  for (const [part, value] of changes) {
    for (const start of ["http://a:81/b?c#d", "https://a/", "foo://a/b"]) {
      const [own, node] = [new OwnURL(start), new URL(start)];
      own[part] = value;
      node[part] = value;
      assert.equal(own.href, node.href, `${start}: ${part} = ${value}`);
    }
  }
});

test("parameters behave as those of Node", () => {
  for (const text of ["a=1&b=2&a=3", "?x+y=%20&&=z&q", "%zz=%e4&ü=ö"]) {
    const [own, node] = [OwnParams, URLSearchParams].map((Type) => {
      const params = new Type(text);
      params.set("a", "9");
      params.append("n w", "&=");
      params.sort();
      params.delete("x y");
      return [String(params), [...params], params.get("n w"), params.getAll("a"), params.has("q"), params.size];
    });
    assert.deepEqual(own, node);
  }
  assert.deepEqual([...new OwnParams({ a: 1, b: "x" })], [["a", "1"], ["b", "x"]]);
  assert.throws(() => new OwnParams([["a"]]), { name: "TypeError" });
});

test("a URL and its parameters follow each other", () => {
  for (const Type of [OwnURL, URL]) {
    const url = new Type("http://a/?b=1");
    url.searchParams.append("ä", " ");
    url.searchParams.delete("b");
    assert.equal(url.href, "http://a/?%C3%A4=+");
    url.search = "?z=2";
    assert.equal(url.searchParams.get("z"), "2");
    assert.equal(JSON.stringify({ url }), '{"url":"http://a/?z=2"}');
  }
  assert.equal(OwnURL.canParse("x"), false);
  assert.equal(OwnURL.parse("http://a/x").pathname, "/x");
});

test("an engine without the tables for composition still reads names in ASCII and composed ones", () => {
  const { normalize } = String.prototype;
  try {
    delete String.prototype.normalize;
    assert.equal(new OwnURL("https://API.Example.com/a").href, "https://api.example.com/a");
    assert.equal(new OwnURL("https://bücher.example/").host, "xn--bcher-kva.example");
  } finally {
    Object.defineProperty(String.prototype, "normalize", { value: normalize, writable: true, configurable: true });
  }
});
