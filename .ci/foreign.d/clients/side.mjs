// The client of the TypeScript SDK calls two packages and a server of others behind one `mpp serve`, in both eras.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [, , command, names] = process.argv;
const mark = 'The MCP server `everything`, which is not verified, asks:';
const text = (result) => result.content.map((item) => item.text ?? '').join(' ');
const expect = (what, is) => {
  if (!is) throw new Error(typeof what === 'string' ? what : JSON.stringify(what));
};

for (const mode of ['legacy', 'auto']) {
  const options = { capabilities: { elicitation: { form: {} } } };
  if (mode === 'auto') options.versionNegotiation = { mode };
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  const asked = [];
  let approves = true;
  client.setRequestHandler('elicitation/create', async (request) => {
    asked.push(request.params.message);
    if (request.params.message.startsWith(mark)) return { action: 'accept', content: { name: 'Ada', check: true } };
    return approves ? { action: 'accept', content: {} } : { action: 'decline' };
  });
  await client.connect(new StdioClientTransport({ command, args: [] }));
  const call = (name, args, more) => client.callTool({ name, arguments: args }, more);

  const listed = (await client.listTools()).tools.map((tool) => tool.name).sort().join();
  expect(listed, listed === names.split(',').sort().join());
  const found = await call('find', { query: 'ada' });
  expect(found, !found.isError && text(found).includes('[REDACTED:email]'));
  const slug = await call('slugify', { text: 'Crème brûlée' });
  expect(slug, !slug.isError && text(slug).includes('creme-brulee'));
  const echo = await call('echo', { message: 'mail ada@example.com' });
  expect(echo, !echo.isError && text(echo).includes('[REDACTED:email]') && !text(echo).includes('ada@'));
  expect(asked, asked.length === 0);
  console.log(`  ${mode}: ${listed.split(',').length} tools; find and echo redacted, slugify called`);

  const answered = await call('trigger-elicitation-request', {});
  expect(answered, !answered.isError && text(answered).includes('Ada'));
  expect(asked, asked.length === 2 && !asked[0].startsWith(mark) && asked[1].startsWith(mark));
  approves = false;
  const declined = await call('trigger-elicitation-request', {});
  expect(declined, declined.isError && text(declined).startsWith('approval_refused') && asked.length === 3);
  console.log(`  ${mode}: approved in the client, the server's question answered, then declined`);

  const steps = [];
  const onprogress = ({ progress, total }) => steps.push(`${progress}/${total}`);
  const done = await call('trigger-long-running-operation', { duration: 1, steps: 2 }, { onprogress });
  expect(done, text(done).includes('completed'));
  // This client loses a progress message that arrives together with the answer.
  expect(steps, ['1/2,2/2', '1/2'].includes(steps.join()));
  const stop = new AbortController();
  setTimeout(() => stop.abort('no longer needed'), 1000);
  const slow = call('trigger-long-running-operation', { duration: 60, steps: 1 }, { signal: stop.signal });
  const ended = await slow.then((result) => ({ result }), (error) => ({ error }));
  expect(ended, ended.error !== undefined);
  const again = await call('echo', { message: 'still here' });
  expect(again, text(again).includes('still here'));
  console.log(`  ${mode}: progress ${steps}; a call cancelled after a second, and the next one answered`);
  await client.close();
}
