// A stand-in for the engine, so that the parts of the web platform can be tested in Node. Import it before them.
const encoder = new TextEncoder();

/** What the next request is answered with, and the requests that were sent. */
export const host = { sent: [], status: 0, reply: new Uint8Array(0), logged: [] };

/** Joins a head and a body as the host does. */
export function message(head, body) {
  const text = encoder.encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

globalThis.__mpp_v1 = {
  encode: (text) => encoder.encode(text),
  decode: (bytes, fatal) => {
    try {
      return new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(bytes);
    } catch {
      return null;
    }
  },
  log: (line) => host.logged.push(line),
  where: (stack) => stack,
  random: (bytes) => bytes.fill(7),
  sleep: () => {},
  reply: () => host.reply,
  http_send(bytes) {
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const decoder = new TextDecoder();
    host.sent.push({
      head: JSON.parse(decoder.decode(bytes.subarray(4, 4 + length))),
      body: decoder.decode(bytes.subarray(4 + length)),
    });
    return host.status;
  },
};
