// Files in the sandbox: the functions of the engine, whose errors are numbers of WASI.
import { DeniedError, FileError } from "./errors.js";
import { engine } from "./host.js";

const NOT_CAPABLE = 76;

/** Codes of errors and what they mean, in the words of Node, by their numbers. */
const ERRORS = new Map([
  [2, ["EACCES", "permission denied"]],
  [8, ["EBADF", "bad file descriptor"]],
  [10, ["EBUSY", "resource busy or locked"]],
  [19, ["EDQUOT", "disk quota exceeded"]],
  [20, ["EEXIST", "file already exists"]],
  [22, ["EFBIG", "file too large"]],
  [25, ["EILSEQ", "illegal byte sequence"]],
  [28, ["EINVAL", "invalid argument"]],
  [29, ["EIO", "i/o error"]],
  [31, ["EISDIR", "illegal operation on a directory"]],
  [32, ["ELOOP", "too many symbolic links encountered"]],
  [33, ["EMFILE", "too many open files"]],
  [37, ["ENAMETOOLONG", "name too long"]],
  [44, ["ENOENT", "no such file or directory"]],
  [51, ["ENOSPC", "no space left on device"]],
  [54, ["ENOTDIR", "not a directory"]],
  [55, ["ENOTEMPTY", "directory not empty"]],
  [58, ["ENOTSUP", "operation not supported"]],
  [63, ["EPERM", "operation not permitted"]],
  [69, ["EROFS", "read-only file system"]],
  [75, ["EXDEV", "cross-device link not permitted"]],
]);

/** Returns what a function of the engine returned, or throws its error. `other` is a second path. */
function result(found, operation, path, other) {
  if (typeof found !== "number" || found >= 0) {
    return found;
  }
  if (-found === NOT_CAPABLE) {
    const message = `the manifest does not declare \`${path}\` for this; declare it in \`filesystem\` of manifest.json`;
    throw new DeniedError(message, { path: path.startsWith("/") ? path : `/${path}` });
  }
  const [code, words] = ERRORS.get(-found) ?? ["EUNKNOWN", `error ${-found} of WASI`];
  throw new FileError(code, words, { operation, path, other });
}

/** The functions that `fs.js` uses. What they return is that of the engine. */
export const sandbox = {
  list: async (path) => result(engine.fs_list(path), "scandir", path),
  mkdir: async (path) => result(engine.fs_mkdir(path), "mkdir", path),
  read: async (path, position, length) => result(engine.fs_read(path, position, length), "open", path),
  rename: async (from, to) => result(engine.fs_rename(from, to), "rename", from, to),
  rmdir: async (path) => result(engine.fs_rmdir(path), "rmdir", path),
  stat: async (path, follow) => result(engine.fs_stat(path, follow), follow ? "stat" : "lstat", path),
  unlink: async (path) => result(engine.fs_unlink(path), "unlink", path),
  write: async (path, data, begin) => result(engine.fs_write(path, data, begin), "open", path),
};
