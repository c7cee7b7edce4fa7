// The functions of the engine where the engine is StarlingMonkey, in terms of WASI 0.2 and `mpp:host`. `mpp build` imports this file
// before all others, and passes the interfaces that the component imports.
import { files } from "./starlingmonkey-fs.js";
import * as status from "./status.js";

/** The parts of the web platform that StarlingMonkey's own are kept of. */
const KEPT = ["TextDecoder", "TextEncoder", "crypto", "structuredClone"];
/** The name of the script in stacks. */
const SCRIPT = "script.js";
/** The most that a stream takes at once. */
const PIECE = 4096;

const { setTimeout, TextDecoder, TextEncoder } = globalThis;
const encoder = new TextEncoder();
const decoders = [false, true].map((fatal) => new TextDecoder("utf-8", { fatal, ignoreBOM: true }));

/** Returns the number of a status such as `not-found`. */
const number = (name) => status[name.toUpperCase().replaceAll("-", "_")] ?? status.UNAVAILABLE;

/**
 * Makes the functions of the engine, and the function that serves one request.
 *
 * @param {object} wasi the interfaces of WASI
 * @param {{ http?: object, kv?: object }} host the interfaces of `mpp:host` that the manifest declares
 * @returns {{ run(): Promise<void> }} what a command component exports
 */
export function start(wasi, host) {
  let reply = new Uint8Array(0);
  /** Calls a function of the host, and keeps its reply. Returns a result or a status as the functions of `mpp_v1` do. */
  const call = (interfaceOf, name, parameters, resultOf = (bytes) => ((reply = bytes), 0)) => {
    reply = new Uint8Array(0);
    if (interfaceOf === undefined) {
      return status.DENIED;
    }
    try {
      return resultOf(interfaceOf[name](...parameters));
    } catch (error) {
      const failure = error?.payload;
      if (typeof failure?.status !== "string") {
        throw error;
      }
      reply = encoder.encode(failure.message);
      return number(failure.status);
    }
  };
  const flag = (answer) => (answer ? 1 : 0);
  const state = (name, parameters, resultOf) => call(host.kv, name, parameters, resultOf);
  const fileSystem = files(wasi.preopens);
  const engine = {
    kept: KEPT,
    /** The text of the table that names the author's lines; it is set at the end of the script. */
    lines: "",
    encode: (text) => encoder.encode(text),
    decode(bytes, fatal) {
      try {
        return decoders[fatal ? 1 : 0].decode(bytes);
      } catch {
        return null;
      }
    },
    env: (name) => wasi.environment.getEnvironment().find(([known]) => known === name)?.[1],
    log: (line) => write(wasi.stderr.getStderr(), `${line}\n`),
    where: (stack) => where(stack, engine.lines),
    crash(text) {
      engine.log(text);
      wasi.exit.exit({ tag: "err" });
    },
    random: (bytes) => globalThis.crypto.getRandomValues(bytes),
    sleep(milliseconds) {
      if (milliseconds > 0) {
        wasi.clock.subscribeDuration(BigInt(Math.ceil(milliseconds * 1e6))).block();
      }
    },
    reply: () => reply,
    http_send: (request) => call(host.http, "httpSend", [request]),
    ...fileSystem.functions,
    kv_get: (key) => state("kvGet", [key]),
    kv_set: (key, value, ttl) => state("kvSet", [key, value, ttl], () => 0),
    kv_delete: (key) => state("kvDelete", [key], flag),
    kv_list: (prefix, after, limit) => state("kvList", [prefix, after, limit], (keys) => ((reply = joined(keys)), 0)),
    kv_compare_and_swap: (key, from, to, ttl) =>
      state("kvCompareAndSwap", [key, from ?? undefined, to ?? undefined, ttl], flag),
    kv_increment: (key, by) =>
      state("kvIncrement", [key, by], (sum) => {
        reply = new Uint8Array(8);
        new DataView(reply.buffer).setBigInt64(0, sum, true);
        return 0;
      }),
  };
  globalThis.__mpp_v1 = engine;

  return {
    async run() {
      fileSystem.begin();
      const request = read(wasi.stdin.getStdin());
      let response;
      const answered = engine.handle(request);
      answered.then(
        (text) => (response = text),
        // What an SDK does not answer is a crash.
        (error) => engine.crash(`Uncaught ${error}`),
      );
      for (;;) {
        // The turn of a timer comes when every promise that can be settled is.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (response !== undefined) {
          break;
        }
        if (!engine.wait()) {
          const message = "the tool returned a promise that never settles: nothing is left that could resolve it";
          const data = { kind: "tool_error", code: "never_settled", retryable: false };
          response = JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -31000, message, data } });
          break;
        }
      }
      write(wasi.stdout.getStdout(), `${response}\n`);
    },
  };
}

function read(stream) {
  const pieces = [];
  for (;;) {
    try {
      pieces.push(stream.blockingRead(65536n));
    } catch (error) {
      if (error?.payload?.tag !== "closed") {
        throw error;
      }
      break;
    }
  }
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return decoders[0].decode(bytes);
}

function write(stream, text) {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += PIECE) {
    stream.blockingWriteAndFlush(bytes.subarray(at, at + PIECE));
  }
}

/** Joins keys as the reply of `kv_list` has them: each after its length. */
function joined(keys) {
  const bytes = new Uint8Array(keys.reduce((sum, key) => sum + 4 + key.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const key of keys) {
    view.setUint32(at, key.length, true);
    bytes.set(key, at + 4);
    at += 4 + key.length;
  }
  return bytes;
}

/**
 * Writes a stack of SpiderMonkey as other engines do, with the author's lines in place of those of the script.
 *
 * @param {string} stack lines such as `name@file.js:12:3`
 * @param {string} lines the table: `F NAME` adds a file, and `R LINE FILE FIRST` says that the script's lines from LINE on are those
 * of the FILE-th file from FIRST on, or nobody's if that is 0
 */
export function where(stack, lines) {
  const files = [];
  const ranges = [];
  for (const line of lines.split("\n")) {
    if (line.startsWith("F ")) {
      files.push(line.slice(2));
    } else if (line.startsWith("R ")) {
      ranges.push(line.slice(2).split(" ").map(Number));
    }
  }
  const found = [];
  for (const frame of stack.split("\n")) {
    const parts = /^(.*?)@(.*?):(\d+)(?::\d+)?$/.exec(frame);
    if (parts === null) {
      continue;
    }
    const [, name, file, text] = parts;
    const line = Number(text);
    const isScript = file.split("/").at(-1) === SCRIPT;
    const range = isScript ? ranges.findLast(([first]) => first <= line) : undefined;
    const isMapped = range !== undefined && range[2] > 0;
    const place = isMapped ? `${files[range[1]]}:${range[2] + line - range[0]}` : `<${file.split("/").at(-1)}>:${line}`;
    // `async*` and `/<` are SpiderMonkey's marks of callers and of functions without a name.
    const shown = name.replace(/^async\*/, "").replace(/[/<]+$/, "");
    found.push(shown === "" ? `    at ${place}` : `    at ${shown} (${place})`);
  }
  return found.join("\n");
}
