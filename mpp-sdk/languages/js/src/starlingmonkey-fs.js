// Files where the engine is StarlingMonkey: the functions of `engine/files.c`, in terms of `wasi:filesystem`. Errors are numbers of WASI
// preview 1, as there.

/** The most that is read or written at once. */
const PIECE = 1024 * 1024;
/** Numbers of errors by the names that components get. What is not permitted was denied by the host. */
const NUMBERS = new Map(
  Object.entries({
    access: 2,
    "bad-descriptor": 8,
    busy: 10,
    quota: 19,
    exist: 20,
    "file-too-large": 22,
    "illegal-byte-sequence": 25,
    invalid: 28,
    io: 29,
    "is-directory": 31,
    loop: 32,
    "name-too-long": 37,
    "no-entry": 44,
    "insufficient-space": 51,
    "not-directory": 54,
    "not-empty": 55,
    unsupported: 58,
    "read-only": 69,
    "cross-device": 75,
    "not-permitted": 76,
  }),
);
const KINDS = { "regular-file": 1, directory: 2, "symbolic-link": 3 };
const BEGINNINGS = [{ create: true, truncate: true }, { create: true }, { create: true, exclusive: true }];
const FOLLOW = { symlinkFollow: true };

const encoder = new TextEncoder();

/** Returns the parts of a path from the root. */
const parts = (path) => path.split("/").filter((part) => part !== "" && part !== ".");

/**
 * Makes the functions for files, and the function that a call begins with.
 *
 * @param {{ getDirectories(): [object, string][] }} preopens the interface of WASI
 */
export function files(preopens) {
  let directories;

  /** Returns the directory that the host gave, and the path below it. */
  const find = (path) => {
    directories ??= preopens.getDirectories().map(([descriptor, name]) => ({ descriptor, prefix: parts(name) }));
    const whole = parts(path);
    const fits = ({ prefix }) => prefix.every((part, at) => part === whole[at]);
    const found = directories.filter(fits).sort((a, b) => b.prefix.length - a.prefix.length)[0];
    if (found === undefined) {
      throw { payload: "not-permitted" };
    }
    return [found.descriptor, whole.slice(found.prefix.length).join("/") || "."];
  };
  /** Calls a function, and returns what it returns or the number of its error. */
  const tried = (use) => {
    try {
      return use();
    } catch (error) {
      const number = NUMBERS.get(error?.payload);
      if (number === undefined) {
        throw error;
      }
      return -number;
    }
  };
  /** Calls a function with an open file or directory, and closes it. */
  const opened = (path, open, flags, use) => {
    const [directory, below] = find(path);
    const descriptor = directory.openAt(FOLLOW, below, open, flags);
    try {
      return use(descriptor);
    } finally {
      descriptor[Symbol.dispose]?.();
    }
  };
  const below = (path, name) =>
    tried(() => {
      const [directory, rest] = find(path);
      directory[name](rest);
      return 0;
    });

  const functions = {
    fs_list: (path) =>
      tried(() =>
        opened(path, { directory: true }, { read: true }, (directory) => {
          const stream = directory.readDirectory();
          const found = [];
          for (let entry = stream.readDirectoryEntry(); entry !== undefined; entry = stream.readDirectoryEntry()) {
            found.push(entry.name, KINDS[entry.type] ?? 0);
          }
          stream[Symbol.dispose]?.();
          return found;
        }),
      ),
    fs_mkdir: (path) => below(path, "createDirectoryAt"),
    fs_read: (path, position, length) =>
      tried(() =>
        opened(path, {}, { read: true }, (file) => {
          if (file.stat().type === "directory") {
            throw { payload: "is-directory" };
          }
          return read(file, position, length);
        }),
      ),
    fs_rename: (from, to) =>
      tried(() => {
        const [[directory, old], [target, renamed]] = [find(from), find(to)];
        directory.renameAt(old, target, renamed);
        return 0;
      }),
    fs_rmdir: (path) => below(path, "removeDirectoryAt"),
    fs_stat: (path, follow) =>
      tried(() => {
        const [directory, rest] = find(path);
        const { type, size, dataModificationTimestamp: changed } = directory.statAt(follow ? FOLLOW : {}, rest);
        return [KINDS[type] ?? 0, Number(size), changed ? Number(changed.seconds) * 1000 + changed.nanoseconds / 1e6 : 0];
      }),
    fs_unlink: (path) => below(path, "unlinkFileAt"),
    fs_write: (path, data, begin) =>
      tried(() =>
        opened(path, BEGINNINGS[begin], { write: true }, (file) => {
          const bytes = typeof data === "string" ? encoder.encode(data) : data;
          const start = begin === 1 ? file.stat().size : 0n;
          for (let at = 0; at < bytes.length; ) {
            const written = Number(file.write(bytes.subarray(at, at + PIECE), start + BigInt(at)));
            if (written === 0) {
              throw { payload: "io" };
            }
            at += written;
          }
          return 0;
        }),
      ),
  };
  // The script is evaluated when the component is made. What it finds then is not there in a call.
  const begin = () => (directories = undefined);
  return { begin, functions };
}

function read(file, position, length) {
  const pieces = [];
  let used = 0;
  while (length < 0 || used < length) {
    const most = length < 0 ? PIECE : Math.min(PIECE, length - used);
    const [piece, isEnd] = file.read(BigInt(most), BigInt(position + used));
    pieces.push(piece);
    used += piece.length;
    if (isEnd || piece.length === 0) {
      break;
    }
  }
  const bytes = new Uint8Array(used);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
