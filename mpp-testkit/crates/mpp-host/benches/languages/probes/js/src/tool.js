// Uses the state that the manifest declares. There is no interface for files.
import { kv, tool } from "@mpp-protocol/sdk";

export const count = tool({ name: "count", description: "Count the calls." }, async () => {
  const calls = await kv.increment("calls");
  return `count ${calls}`;
});
