// The tools of servers that were written with MCP's TypeScript SDK: its `McpServer`, as far as it is about tools.
import { isKnown, ToolError } from "./errors.js";
import { whole } from "./content.js";
import { jsonSchema } from "./schema.js";
import { tool } from "./tool.js";

const CONFIG = new Set(["title", "description", "inputSchema", "outputSchema", "annotations"]);

/** Adds tools as the class of the same name in MCP's SDK does. `mcp.d.ts` documents it. */
export class McpServer {
  constructor(_info, { instructions } = {}) {
    if (instructions !== undefined) {
      throw new TypeError("packages have no instructions: write what agents must know into the descriptions of the tools");
    }
  }

  registerTool(name, config, run) {
    const unknown = Object.keys(config).find((key) => !CONFIG.has(key));
    if (unknown !== undefined) {
      throw new TypeError(`the tool \`${name}\`: there is no option \`${unknown}\`; the options are ${[...CONFIG].join(", ")}`);
    }
    const { title, description = "", inputSchema, outputSchema, annotations = {} } = config;
    const returns = outputSchema && object(outputSchema);
    return tool(
      {
        name,
        description,
        ...((title ?? annotations.title) !== undefined && { title: title ?? annotations.title }),
        ...(inputSchema && { parameters: object(inputSchema) }),
        ...(returns && { returns }),
        readOnly: annotations.readOnlyHint,
        destructive: annotations.destructiveHint,
        idempotent: annotations.idempotentHint,
        openWorld: annotations.openWorldHint,
      },
      async (given) => result(name, await caught(run, given)),
    );
  }

  registerResource(name) {
    throw new TypeError(`packages have no resources: let a tool return what the resource \`${name}\` contains`);
  }

  registerPrompt(name) {
    throw new TypeError(`packages have no prompts: remove the prompt \`${name}\`, or let a tool return its text`);
  }
}

/** Runs a tool. The message of whatever it throws is the error, as in MCP's SDK, also of mistakes; the stack is in the log. */
async function caught(run, given) {
  try {
    return await run(given);
  } catch (error) {
    throw error instanceof Error && !isKnown(error) ? new ToolError("failed", error.message, { cause: error }) : error;
  }
}

/** Returns the result of a call; an error of the tool is thrown. */
function result(name, given) {
  const { content = [], structuredContent, isError = false } = given ?? {};
  if (!Array.isArray(content)) {
    throw new TypeError(`the tool \`${name}\` returned no result: expected an object with \`content\``);
  }
  if (isError) {
    const texts = content.filter((part) => part.type === "text").map((part) => part.text);
    throw new ToolError("failed", texts.join("\n") || "the tool failed");
  }
  return whole({ content, ...(structuredContent !== undefined && { structuredContent }), isError: false });
}

/** Returns the schema of an object whose members have the schemas of `shape`, which may be such a schema itself. */
function object(shape) {
  const isSchema = shape["~standard"] !== undefined || typeof shape.type === "string" || "$schema" in shape;
  if (isSchema) {
    return shape;
  }
  const members = Object.entries(shape);
  for (const [name, member] of members) {
    if (member?.["~standard"] === undefined) {
      throw new TypeError(`the schema of \`${name}\`: expected one of zod or valibot`);
    }
  }
  return {
    "~standard": {
      version: 1,
      vendor: "mpp",
      validate: (given) => validated(members, given),
      jsonSchema: {
        input: () => published(members, "input"),
        output: () => published(members, "output"),
      },
    },
  };
}

async function validated(members, given) {
  const value = {};
  const issues = [];
  for (const [name, member] of members) {
    const found = await member["~standard"].validate(given[name]);
    if (found.issues) {
      issues.push(...found.issues.map(({ path = [], message }) => ({ path: [name, ...path], message })));
    } else if (found.value !== undefined) {
      value[name] = found.value;
    }
  }
  return issues.length > 0 ? { issues } : { value };
}

/** Returns the JSON Schema. A member may be left out if its schema accepts `undefined`, and is always there if it has a default. */
function published(members, direction) {
  const properties = {};
  const required = [];
  for (const [name, member] of members) {
    properties[name] = jsonSchema(member, direction, `the schema of \`${name}\``);
    if (/"\$ref":/.test(JSON.stringify(properties[name]))) {
      throw new TypeError(`the schema of \`${name}\` has a name or contains itself: write \`z.object({ … })\` around the members`);
    }
    const left = member["~standard"].validate(undefined);
    if (left instanceof Promise) {
      throw new TypeError(`the schema of \`${name}\` is asynchronous: write \`z.object({ … })\` around the members`);
    }
    if (left.issues || (direction === "output" && left.value !== undefined)) {
      required.push(name);
    }
  }
  return { type: "object", properties, ...(required.length > 0 && { required }) };
}
