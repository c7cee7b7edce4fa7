// What a host function returns instead of a result. This file is generated from the table of host functions by `cargo xtask gen`.

/** The key does not exist. */
export const NOT_FOUND = -1;

/** The manifest does not declare the capability, or the caller did not grant it. */
export const DENIED = -2;

/** An argument is invalid. */
export const INVALID = -3;

/** The quota is exhausted. */
export const FULL = -4;

/** A key, a value, a request or a response is larger than allowed. */
export const TOO_LARGE = -5;

/** A concurrent call changed the same state. Repeating the whole call may succeed. */
export const CONFLICT = -6;

/** The server did not respond in time. */
export const TIMEOUT = -7;

/** The server could not be reached, or the connection broke. */
export const CONNECTION = -8;

/** The state cannot be used, for example because its disk is full. */
export const UNAVAILABLE = -9;
