/**
 * Files and directories that the manifest declares, with the functions of `node:fs/promises`.
 *
 * ```ts
 * import { readdir, readTextFile } from "@mpp-protocol/sdk/fs";
 *
 * for (const name of await readdir("/notes")) {
 *   const text = await readTextFile(`/notes/${name}`);
 * }
 * ```
 *
 * In manifest.json: `"capabilities": { "filesystem": { "read": ["/notes"] } }`. Whoever runs the tool maps a declared path to one of their
 * machine; `..` and links cannot lead outside of it.
 *
 * A path that is not declared, and a change of one that is declared under `read`, is a `DeniedError`. Everything else that fails is a
 * {@link FileError} with the code that Node's error would have.
 *
 * @packageDocumentation
 */

/** An operation on a file or directory has failed. If a tool does not catch it, its caller receives its message with the code `io`. */
export class FileError extends Error {
  private constructor();
  /** The code of Node, such as `ENOENT`, `EEXIST` or `ENOSPC`. */
  readonly code: string;
  /** What failed, such as `open`. */
  readonly syscall: string;
  /** The path. */
  readonly path: string;
  /** The new path of {@link rename}. */
  readonly dest?: string;
}

/** Which part of a file is read. */
export interface Part {
  /** The number of bytes to skip; 0 by default. */
  readonly position?: number;
  /** The most bytes to read; to the end by default. At the end of the file there are fewer, and finally none. */
  readonly length?: number;
}

/** Returns a file's bytes, or a part of them. */
export function readFile(path: string, options?: null | (Part & { readonly encoding?: null })): Promise<Uint8Array>;
/** Returns a file as text. Bytes that are not UTF-8 become U+FFFD. */
export function readFile(path: string, options: "utf8" | "utf-8" | (Part & { readonly encoding: "utf8" | "utf-8" })): Promise<string>;
/** Returns a file as text. Bytes that are not UTF-8 become U+FFFD. */
export function readTextFile(path: string): Promise<string>;

/** How writing begins. */
export interface WriteOptions {
  /** `w` replaces what is in the file, and is the default; `a` appends; `wx` fails with `EEXIST` if the file exists. */
  readonly flag?: "w" | "a" | "wx";
}

/** Writes text, as UTF-8, or bytes to a file. The file is created if it does not exist. */
export function writeFile(path: string, data: string | Uint8Array, options?: WriteOptions): Promise<void>;
/** Adds text or bytes to the end of a file. The file is created if it does not exist. */
export function appendFile(path: string, data: string | Uint8Array): Promise<void>;
/** Copies a file. */
export function copyFile(from: string, to: string): Promise<void>;

/** What is at a path. */
export interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What is known of a file or directory. */
export interface Stats extends Kind {
  /** The number of bytes. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** When it was last changed. */
  readonly mtime: Date;
}

/** One entry of a directory. */
export interface Entry extends Kind {
  readonly name: string;
  /** The path of the directory. */
  readonly parentPath: string;
}

/** Returns what is known of a file or directory; of a link, what it leads to. */
export function stat(path: string): Promise<Stats>;
/** Returns what is known of a file, a directory or a link. */
export function lstat(path: string): Promise<Stats>;
/** Returns whether there is something at a path. An undeclared path is a `DeniedError`. */
export function exists(path: string): Promise<boolean>;

/** Returns the names in a directory, sorted. */
export function readdir(path: string, options?: { readonly withFileTypes?: false }): Promise<string[]>;
/** Returns the entries of a directory, sorted by name. */
export function readdir(path: string, options: { readonly withFileTypes: true }): Promise<Entry[]>;

/** Makes a directory. With `recursive`, also those above it, and it is no error if it exists. */
export function mkdir(path: string, options?: { readonly recursive?: boolean }): Promise<void>;
/** Gives a file or directory another path. A file that has this path is replaced. */
export function rename(from: string, to: string): Promise<void>;
/** Removes an empty directory. */
export function rmdir(path: string): Promise<void>;
/** Removes a file or a link. */
export function unlink(path: string): Promise<void>;
/** Removes a file, a link or an empty directory; with `recursive`, a directory with everything in it. With `force`, it may be missing. */
export function rm(path: string, options?: { readonly recursive?: boolean; readonly force?: boolean }): Promise<void>;

/**
 * Maps declared paths to paths of this machine, for tests outside the sandbox. Paths that are not mapped are then denied. Whether a path is
 * declared under `read` or `write` is not checked there: `mpp test` runs the tool in its sandbox.
 *
 * ```ts
 * mapPaths({ "/notes": "tests/notes" });
 * ```
 */
export function mapPaths(paths: Readonly<Record<string, string>>): void;
