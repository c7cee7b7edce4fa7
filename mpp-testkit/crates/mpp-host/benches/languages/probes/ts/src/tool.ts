// Uses the state and the files that the manifest declares.
import { kv, tool } from "@mpp-protocol/sdk";
import { readTextFile, writeFile } from "@mpp-protocol/sdk/fs";

export const count = tool({ name: "count", description: "Count the calls." }, async () => {
  const calls: number = await kv.increment("calls");
  return `count ${calls}`;
});

export const copy = tool({ name: "copy", description: "Copy a file." }, async () => {
  const text = await readTextFile("/in/text.txt");
  await writeFile("/out/text.txt", text);
  return `copied ${text.length}`;
});
