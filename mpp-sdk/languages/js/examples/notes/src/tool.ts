// Notes in a directory, as Markdown files: reading, writing and removing files that the manifest declares.
import { tool, ToolError } from "@mpp-protocol/sdk";
import { exists, FileError, mkdir, readdir, readTextFile, stat, unlink, writeFile } from "@mpp-protocol/sdk/fs";
import * as z from "zod";

/** Declared under `write`. Whoever runs the tool maps it to a directory of their machine. */
const NOTES = "/notes";
/** A file that is declared under `read`. */
const HEADER = "/config/header.md";

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
  .describe("The name: lower-case letters, digits and hyphens.");
const topic = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
  .optional()
  .describe("The topic, by which notes are kept apart.");
const entry = z.object({ name: z.string(), bytes: z.int(), changed: z.iso.datetime() });

const directory = (topic?: string) => (topic === undefined ? NOTES : `${NOTES}/${topic}`);

/** Says what a missing note means; other errors stay as they are. */
function missing(name: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof FileError && error.code === "ENOENT") {
      throw new ToolError("not_found", `there is no note \`${name}\`; \`list\` returns the names`, { cause: error });
    }
    throw error;
  };
}

export const list = tool(
  {
    name: "list",
    description: "List the notes of a topic.",
    parameters: z.object({ topic }),
    returns: z.array(entry),
    readOnly: true,
  },
  async ({ topic }) => {
    const place = directory(topic);
    if (!(await exists(place))) {
      return [];
    }
    const notes = (await readdir(place, { withFileTypes: true })).filter((found) => found.isFile() && found.name.endsWith(".md"));
    return Promise.all(
      notes.map(async ({ name }) => {
        const { size, mtime } = await stat(`${place}/${name}`);
        return { name: name.slice(0, -".md".length), bytes: size, changed: mtime.toISOString() };
      }),
    );
  },
);

// ANCHOR: read
export const read = tool(
  { name: "read", description: "Read a note.", parameters: z.object({ name, topic }), readOnly: true },
  ({ name, topic }) => readTextFile(`${directory(topic)}/${name}.md`).catch(missing(name)),
);

export const write = tool(
  {
    name: "write",
    description: "Write a note, or replace it.",
    parameters: z.object({ name, topic, text: z.string().describe("The text, as Markdown.") }),
    securityLevel: "medium",
    idempotent: true,
  },
  async ({ name, topic, text }) => {
    const header = await readTextFile(HEADER);
    await mkdir(directory(topic), { recursive: true });
    await writeFile(`${directory(topic)}/${name}.md`, header + text);
    return `wrote ${name}`;
  },
);
// ANCHOR_END: read

export const remove = tool(
  {
    name: "remove",
    description: "Remove a note.",
    parameters: z.object({ name, topic }),
    securityLevel: "high",
    destructive: true,
  },
  async ({ name, topic }) => {
    await unlink(`${directory(topic)}/${name}.md`).catch(missing(name));
    return `removed ${name}`;
  },
);
