// Hosts of URLs, by the URL Standard.
import { invalid, percentDecoded, percentEncoded } from "./url-encode.js";

const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_IN_DOMAIN = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/;

/** Parses a host. */
export function host(text, isSpecial) {
  if (text.startsWith("[")) {
    if (!text.endsWith("]")) {
      throw invalid();
    }
    return `[${compressed(address6(text.slice(1, -1)))}]`;
  }
  if (!isSpecial) {
    if (FORBIDDEN.test(text)) {
      throw invalid();
    }
    return percentEncoded(text, "control");
  }
  const domain = ascii(percentDecoded(text));
  if (domain === "" || FORBIDDEN_IN_DOMAIN.test(domain)) {
    throw invalid();
  }
  const labels = domain.replace(/\.$/, "").split(".");
  return /^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1)) ? address4(labels) : domain;
}

/** Parses an IPv4 address, whose parts may be decimal, octal or hexadecimal, and the last of which may stand for several. */
function address4(parts) {
  if (parts.length > 4) {
    throw invalid();
  }
  const numbers = parts.map((part) => {
    const [, hex, octal, decimal] = /^(?:0x([0-9a-f]*)|0([0-7]*)|([1-9]\d*))$/.exec(part) ?? [];
    const number =
      hex !== undefined ? parseInt(hex || "0", 16) : octal !== undefined ? parseInt(octal || "0", 8) : Number(decimal);
    if (Number.isNaN(number)) {
      throw invalid();
    }
    return number;
  });
  const last = numbers.pop();
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) {
    throw invalid();
  }
  const whole = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(whole / 2 ** shift) % 256).join(".");
}

/** Parses an IPv6 address to eight numbers. */
function address6(text) {
  const halves = text.split("::");
  if (halves.length > 2) {
    throw invalid();
  }
  const [head, tail] = halves.map((half) => (half === "" ? [] : groups(half)));
  if (tail === undefined) {
    if (head.length !== 8) {
      throw invalid();
    }
    return head;
  }
  const missing = 8 - head.length - tail.length;
  if (missing < 1) {
    throw invalid();
  }
  return [...head, ...new Array(missing).fill(0), ...tail];
}

function groups(half) {
  const parts = half.split(":");
  const numbers = [];
  parts.forEach((part, index) => {
    if (index === parts.length - 1 && part.includes(".")) {
      if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(part)) {
        throw invalid();
      }
      const [a, b, c, d] = part.split(".").map(Number);
      if (Math.max(a, b, c, d) > 255) {
        throw invalid();
      }
      numbers.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      numbers.push(parseInt(part, 16));
    } else {
      throw invalid();
    }
  });
  return numbers;
}

/** Writes an IPv6 address with its longest run of zeros left out. */
function compressed(numbers) {
  let [best, length] = [-1, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && numbers[end] === 0) {
      end++;
    }
    if (end - start > length) {
      [best, length] = [start, end - start];
    }
  }
  const hex = (part) => part.map((number) => number.toString(16)).join(":");
  return best < 0 ? hex(numbers) : `${hex(numbers.slice(0, best))}::${hex(numbers.slice(best + length))}`;
}

/** Returns a domain in ASCII. Case and composition are mapped as for IDNA; rarer mappings are not. */
function ascii(domain) {
  // An engine may lack the tables for composition, which names in ASCII do not need.
  const composed = (text, form) => (typeof text.normalize === "function" ? text.normalize(form) : text);
  const mapped = composed(composed(domain, "NFKC").toLowerCase(), "NFC").replace(/[\u3002\uff0e\uff61]/g, ".").replace(/\u00ad/g, "");
  const label = (text) => (/^[\0-\x7f]*$/.test(text) ? text : `xn--${punycode(text)}`);
  return mapped.split(".").map(label).join(".");
}

/** Encodes a label by RFC 3492. */
function punycode(label) {
  const points = Array.from(label, (character) => character.codePointAt(0));
  const basic = points.filter((point) => point < 128);
  const digit = (value) => String.fromCharCode(value < 26 ? value + 97 : value + 22);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? "-" : "");
  let [bias, delta, handled, next] = [72, 0, basic.length, 128];
  while (handled < points.length) {
    const point = Math.min(...points.filter((each) => each >= next));
    delta += (point - next) * (handled + 1);
    next = point;
    for (const each of points) {
      if (each < next) {
        delta++;
      }
      if (each !== next) {
        continue;
      }
      let rest = delta;
      for (let k = 36; ; k += 36) {
        const threshold = Math.min(Math.max(k - bias, 1), 26);
        if (rest < threshold) {
          break;
        }
        output += digit(threshold + ((rest - threshold) % (36 - threshold)));
        rest = Math.floor((rest - threshold) / (36 - threshold));
      }
      output += digit(rest);
      bias = adapted(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    next++;
  }
  return output;
}

function adapted(delta, count, isFirst) {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / count);
  let k = 0;
  while (rest > 455) {
    rest = Math.floor(rest / 35);
    k += 36;
  }
  return k + Math.floor((36 * rest) / (rest + 38));
}
