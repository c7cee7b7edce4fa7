/**
 * The tools of servers that were written with MCP's TypeScript SDK.
 *
 * A server becomes a package with the import of `McpServer` replaced: calls of `registerTool` stay as they are. Resources, prompts, and
 * what needs a session with the client (progress, logging, sampling, elicitation) do not exist.
 *
 * @packageDocumentation
 */

import type { JsonSchema, Received, StandardSchema, Tool } from "./index.js";

/** The schemas of the members of an object, by name. */
export interface RawShape {
  readonly [name: string]: StandardSchema<any, any>;
}

/** What describes arguments or a result: the members of an object, the schema of an object, or a JSON Schema. */
export type ObjectSchema = RawShape | StandardSchema<any, any> | JsonSchema;

type Output<S> = S extends { readonly "~standard": { readonly types?: { readonly output: infer O } | undefined } } ? O : any;
type Optional<S> = { [K in keyof S]: undefined extends Output<S[K]> ? K : never }[keyof S];

/** The arguments that a tool receives for a schema. */
export type Arguments<S> = S extends StandardSchema<any, any>
  ? Received<S>
  : S extends RawShape
    ? { [K in Exclude<keyof S, Optional<S>>]: Output<S[K]> } & { [K in Optional<S>]?: Output<S[K]> }
    : Record<string, any>;

/** The result of a call, as MCP has it. */
export interface CallToolResult {
  /** Texts, images, audio and resources. */
  content?: readonly { readonly type: string; readonly [key: string]: unknown }[];
  /** The structured result. It must match `outputSchema`. */
  structuredContent?: unknown;
  /** The call failed: the texts of `content` become the message of a tool's error. */
  isError?: boolean;
}

/** What an agent reads about a tool. */
export interface ToolConfig<I, O> {
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: I;
  readonly outputSchema?: O;
  readonly annotations?: {
    readonly title?: string;
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly idempotentHint?: boolean;
    readonly openWorldHint?: boolean;
  };
}

/** Adds tools to the package. */
export class McpServer {
  /**
   * @param info the name and the version of the server; a package has those of its `manifest.json`
   * @param options what the server announces to clients; a package announces its tools only
   * @throws TypeError if there are instructions, which a package does not have
   */
  constructor(
    info?: { readonly name: string; readonly version: string; readonly [key: string]: unknown },
    options?: { readonly capabilities?: object; readonly instructions?: never },
  );

  /**
   * Adds a tool, as `tool` does.
   *
   * @throws TypeError if the definition cannot be published, so that a build fails and not a call
   */
  registerTool<I extends ObjectSchema = {}, O extends ObjectSchema = {}>(
    name: string,
    config: ToolConfig<I, O>,
    run: (given: Arguments<I>) => CallToolResult | Promise<CallToolResult>,
  ): Tool<Arguments<I>, CallToolResult>;

  /** @deprecated packages have no resources */
  registerResource(name: string, ...rest: unknown[]): never;

  /** @deprecated packages have no prompts */
  registerPrompt(name: string, ...rest: unknown[]): never;
}
