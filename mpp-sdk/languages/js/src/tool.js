// Tools: their definitions, and the functions behind them.
import { jsonSchema, parametersSchema, validated } from "./schema.js";

const LEVELS = ["low", "medium", "high", "critical"];
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const OPTIONS = new Set([
  "name",
  "title",
  "description",
  "parameters",
  "returns",
  "securityLevel",
  "readOnly",
  "destructive",
  "idempotent",
  "openWorld",
]);

/** All tools by name. */
const tools = new Map();

/** Adds a tool. `index.d.ts` documents it. */
export function tool(options, run) {
  const { name, title, description, parameters, returns, securityLevel = "low" } = options;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(`${JSON.stringify(name)} is not a tool name: expected 1 to 64 characters A-Z a-z 0-9 _ -`);
  }
  const fail = (message) => {
    throw new TypeError(`the tool \`${name}\`: ${message}`);
  };
  if (tools.has(name)) {
    throw new TypeError(`two tools are named \`${name}\``);
  }
  const unknown = Object.keys(options).find((key) => !OPTIONS.has(key));
  if (unknown !== undefined) {
    fail(`there is no option \`${unknown}\`; the options are ${[...OPTIONS].join(", ")}`);
  }
  if (typeof description !== "string" || description === "") {
    fail("it has no `description`, by which an agent decides when to call it");
  }
  if (!LEVELS.includes(securityLevel)) {
    fail(`\`securityLevel\`: expected one of ${LEVELS.join(", ")}, found ${JSON.stringify(securityLevel)}`);
  }
  if (typeof run !== "function") {
    fail("expected a function as the second argument");
  }
  // Schemas are only written as JSON Schema where they are needed: not in a call.
  let published;
  const own = {
    get parameters() {
      published ??= parametersSchema(parameters, `the parameters of the tool \`${name}\``);
      return published;
    },
    get definition() {
      const definition = { name };
      if (title !== undefined) {
        definition.title = title;
      }
      definition.description = description;
      definition.parameters = own.parameters;
      if (returns !== undefined) {
        definition.returns = jsonSchema(returns, "output", `the result of the tool \`${name}\``);
      }
      definition.security_level = securityLevel;
      const annotations = hints(options);
      if (annotations !== undefined) {
        definition.annotations = annotations;
      }
      return definition;
    },
  };
  const call = async (given = {}) => run(await validated(name, parameters, given, () => own.parameters));
  Object.defineProperty(call, "name", { value: name });
  Object.defineProperty(call, "definition", { get: () => own.definition, enumerable: true });
  tools.set(name, call);
  return call;
}

function hints({ readOnly, destructive, idempotent, openWorld }) {
  const all = { readOnlyHint: readOnly, destructiveHint: destructive, idempotentHint: idempotent, openWorldHint: openWorld };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** Returns the tool with this name. */
export const find = (name) => tools.get(name);

/** Returns all tools, by name. */
export const sorted = () => [...tools.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, call]) => call);
