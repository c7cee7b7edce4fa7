/**
 * Tools for AI agents in JavaScript and TypeScript, as signed packages that run in a sandbox.
 *
 * @packageDocumentation
 */

/** A schema of a library that follows the Standard Schema, such as zod or valibot. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** A JSON Schema. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

declare const type: unique symbol;

/** A JSON Schema whose values have the type `T`, as {@link jsonSchema} makes it. */
export interface TypedJsonSchema<T> extends JsonSchema {
  /** Only for the compiler: no schema has such a member. */
  readonly [type]: T;
}

/**
 * States the type of the values of a JSON Schema, for the parameters or the result of a tool.
 *
 * The schema is published as it is. Of other JSON Schemas, those of parameters also get `"additionalProperties": false`, unless they say
 * something else. Nothing checks that the type fits the schema.
 *
 * ```ts
 * interface Range { from: number; to?: number }
 *
 * export const list = tool(
 *   { name: "list", description: "List the entries of a range.", parameters: jsonSchema<Range>(range) },
 *   ({ from, to }) => entries.slice(from, to),
 * );
 * ```
 *
 * @throws TypeError if it is not an object of keywords
 */
export function jsonSchema<T>(schema: JsonSchema): TypedJsonSchema<T>;

type Types<S> = S extends { readonly "~standard": { readonly types?: infer T | undefined } } ? NonNullable<T> : never;

/** The arguments that a caller gives for a schema, before defaults are filled in. */
export type Given<S> = S extends StandardSchema<any, any>
  ? Types<S> extends { readonly input: infer I } ? I : never
  : S extends TypedJsonSchema<infer T> ? T
  : S extends JsonSchema ? Record<string, any> : Record<string, never>;

/** The arguments that a tool gets for a schema. */
export type Received<S> = S extends StandardSchema<any, any>
  ? Types<S> extends { readonly output: infer O } ? O : never
  : S extends TypedJsonSchema<infer T> ? T
  : S extends JsonSchema ? Record<string, any> : Record<string, never>;

/** Text, an image or audio: a result that is not structured data. */
export interface Content {
  readonly type: "text" | "image" | "audio";
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
}

/** How much harm a call can do: `low` reads nothing private and changes nothing, `critical` cannot be undone or moves money. */
export type SecurityLevel = "low" | "medium" | "high" | "critical";

/** What an agent reads about a tool. */
export interface ToolOptions<P, R> {
  /** The name: 1 to 64 characters `A-Z a-z 0-9 _ -`. */
  readonly name: string;
  /** A name for people. */
  readonly title?: string;
  /** What the tool does, by which an agent decides when to call it. */
  readonly description: string;
  /** The schema of the arguments: an object of zod or valibot, or a JSON Schema. Without it, the tool takes no arguments. */
  readonly parameters?: P;
  /** The schema of the result. The type of what the tool returns is checked against it by the compiler. */
  readonly returns?: R;
  /** How much harm a call can do; `low` by default. */
  readonly securityLevel?: SecurityLevel;
  /** The tool changes nothing. */
  readonly readOnly?: boolean;
  /** Whether a change can destroy something. */
  readonly destructive?: boolean;
  /** A second call with the same arguments changes nothing more. */
  readonly idempotent?: boolean;
  /** Whether the tool reaches beyond the package, for example to the web. */
  readonly openWorld?: boolean;
}

/** What agents read about a tool, as it is published. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly returns?: JsonSchema;
  readonly security_level: SecurityLevel;
  readonly annotations?: JsonSchema;
}

/** A tool. Tests can call it like a function; the arguments are validated as in the sandbox. */
export interface Tool<G, R> {
  (given: G): Promise<R>;
  /** What agents read about the tool. */
  readonly definition: ToolDefinition;
}

type Result<S, R> = S extends StandardSchema<any, any> | TypedJsonSchema<any> ? Given<S> : R;

/**
 * Adds a tool.
 *
 * A string becomes text, what {@link text}, {@link image} and {@link audio} make becomes content, and everything else becomes structured
 * data. An exception becomes an error of the tool; a {@link ToolError} has a code by which agents can tell it apart. A `TypeError`, a
 * `ReferenceError` or a `RangeError` is a mistake in the tool, and a crash.
 *
 * ```ts
 * export const greet = tool(
 *   {
 *     name: "greet",
 *     description: "Greet somebody by name.",
 *     parameters: z.object({ name: z.string().min(1).describe("The name.") }),
 *   },
 *   ({ name }) => `Hello, ${name}!`,
 * );
 * ```
 *
 * @throws TypeError if the name, the description or a schema cannot be published, so that a build fails and not a call
 */
export function tool<R, P = undefined, S = undefined>(
  options: ToolOptions<P, S>,
  run: (given: Received<P>) => Result<S, R> | Promise<Result<S, R>>,
): Tool<Given<P>, Result<S, R>>;

/** Makes a text. */
export function text(value: string): Content;
/** Makes an image of a type such as `image/png`. */
export function image(data: Uint8Array, mimeType: string): Content;
/** Makes audio of a type such as `audio/wav`. */
export function audio(data: Uint8Array, mimeType: string): Content;

/** An error that the agent receives, with a code by which it can be told apart. */
export class ToolError extends Error {
  /**
   * @param code a word in snake case, such as `not_found`
   * @param message what happened and what to do next; an agent reads it
   * @param options `retryable` says that the same call may succeed later; the cause is written to the log, and not sent to the agent
   */
  constructor(code: string, message: string, options?: { retryable?: boolean; cause?: unknown });
  readonly code: string;
  readonly retryable: boolean;
}

/**
 * The manifest does not declare what the tool asked for, or the host did not grant it. The agent receives it as `capability_denied`, with
 * what would allow it, whatever error has it as its cause.
 */
export class DeniedError extends Error {
  constructor(message: string, options?: { variable?: string; path?: string });
  /** The environment variable, if it is about one. */
  readonly variable?: string;
  /** The path, if it is about one. */
  readonly path?: string;
}

/** The host could not do what the tool asked for. The error of a failed `fetch` has it as its cause. */
export class HostError extends Error {
  constructor(code: HostErrorCode, message: string);
  readonly code: HostErrorCode;
}

export type HostErrorCode =
  | "timeout"
  | "connection"
  | "too_large"
  | "invalid"
  | "full"
  | "conflict"
  | "not_found"
  | "unavailable";

/**
 * Returns an environment variable that the manifest declares in `capabilities.env_vars`.
 *
 * @throws DeniedError if it is not declared or not set
 */
export function env(name: string): string;

/** When a value expires. */
export interface Expiry {
  /** The time in milliseconds after which the value expires. Without it, the value does not expire. */
  readonly ttl?: number;
}

/**
 * The state that the host keeps for the package between calls. The manifest declares it as `capabilities.kv`. In tests outside the sandbox it
 * is in memory.
 *
 * One call is one transaction: what it writes is committed if the call succeeds, and discarded if it fails.
 */
export interface State {
  /** Returns the value of a key from JSON; `undefined` if the key does not exist. */
  get<T = unknown>(key: string): Promise<T | undefined>;
  /** Returns the value of a key as text. */
  getText(key: string): Promise<string | undefined>;
  /** Returns the value of a key as bytes. */
  getBytes(key: string): Promise<Uint8Array | undefined>;
  /** Sets a key to a value, as JSON. */
  set(key: string, value: unknown, expiry?: Expiry): Promise<void>;
  /** Sets a key to a text. */
  setText(key: string, value: string, expiry?: Expiry): Promise<void>;
  /** Sets a key to bytes. */
  setBytes(key: string, value: Uint8Array, expiry?: Expiry): Promise<void>;
  /** Removes a key, and returns whether it existed. */
  delete(key: string): Promise<boolean>;
  /** Adds to a counter, which starts at 0, and returns its new value. */
  increment(key: string, by?: number): Promise<number>;
  /**
   * Sets a key if its value is still the expected one, as text or bytes, and returns whether it was. An expected value of `undefined` stands for
   * a key that does not exist, and a new value of `undefined` removes the key.
   */
  compareAndSwap(
    key: string,
    expected: string | Uint8Array | undefined,
    value: string | Uint8Array | undefined,
    expiry?: Expiry,
  ): Promise<boolean>;
  /** Returns up to `limit` keys (at most 1000) that start with `prefix` and follow the key `after`, in the order of their bytes. */
  list(options?: { prefix?: string; after?: string; limit?: number }): Promise<string[]>;
}

/** The package's state. */
export const kv: State;

/** Removes everything from the state that is in memory in tests. */
export function clearState(): void;

/**
 * Returns the response to a JSON-RPC request, without a line break. Tests can use it; the engine calls it in the sandbox.
 *
 * The promise is rejected with a `TypeError`, a `ReferenceError` or a `RangeError` that leaves a tool: in the sandbox, the tool crashes.
 */
export function handle(line: string): Promise<string>;
