// Calls a served package with the client of the TypeScript SDK, in both eras.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

for (const mode of ['legacy', 'auto']) {
  const transport = new StdioClientTransport({ command: process.argv[2], args: [] });
  const options = mode === 'auto' ? { versionNegotiation: { mode } } : {};
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  await client.connect(transport);
  const names = (await client.listTools()).tools.map((tool) => tool.name);
  if (names.join() !== 'count,find,list') throw new Error(names.join());
  const found = await client.callTool({ name: 'find', arguments: { query: 'ada' } });
  if (found.isError || !found.content[0].text.includes('[REDACTED:email]')) throw new Error(JSON.stringify(found));
  const wrong = await client.callTool({ name: 'find', arguments: { qery: 'ada' } });
  if (!wrong.isError || !wrong.content[0].text.includes('did you mean `query`')) throw new Error(JSON.stringify(wrong));
  console.log(`  ${mode}: listed ${names.length} tools, redacted, corrected`);
  await client.close();
}
