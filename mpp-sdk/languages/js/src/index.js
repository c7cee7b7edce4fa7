// Tools for AI agents in JavaScript and TypeScript. `index.d.ts` documents everything that this file exports.
export { audio, image, text } from "./content.js";
export { DeniedError, HostError, ToolError } from "./errors.js";
export { env } from "./host.js";
export { clearState, kv } from "./kv.js";
export { literal as jsonSchema } from "./schema.js";
export { handle } from "./serve.js";
export { tool } from "./tool.js";
