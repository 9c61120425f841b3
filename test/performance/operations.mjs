// npm run bench:operations
//
// How long the heaviest single operations take, and how much resident memory each adds at its peak, one after the other
// on a warm server: an upload of the largest size, its ingestion, a long run with tools, pages of lists, a query. An
// operation that answers a request must stay below 5 s and 100 MB. DATABASE_URL unset: embedded Postgres.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startServer } from './support/processes.mjs';

const LIMIT_MS = 5_000;
const LIMIT_MB = 100;
const MB = 1024 * 1024;
const ROWS = 200;
const STEPS = 40;
const root = new URL('../..', import.meta.url).pathname;
const json = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };

/** Asks for the calculator until it has answered often enough, then says so. */
const model = createServer(async (request, response) => {
  if (request.method === 'GET') return response.end('{"data":[]}');
  const { messages } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
  const answered = messages.filter(({ role }) => role === 'tool').length;
  const call = { name: 'calculator', arguments: JSON.stringify({ expression: `${answered} + 1` }) };
  const more = answered < STEPS;
  const message = more
    ? { role: 'assistant', content: null, tool_calls: [{ id: `c${answered}`, type: 'function', function: call }] }
    : { role: 'assistant', content: 'Done.' };
  const choices = [{ index: 0, message, finish_reason: more ? 'tool_calls' : 'stop' }];
  const usage = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'scripted', choices, usage }));
});
await new Promise((resolve) => model.listen(0, '127.0.0.1', resolve));

const dataDir = await mkdtemp(join(tmpdir(), 'guildhall-bench-'));
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const server = await startServer(
  join(root, 'dist/apps/api/apps/api/src/main.js'),
  {
    NODE_ENV: 'development',
    PORT: String(port),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    LOCAL_LLM_BASE_URL: `http://127.0.0.1:${model.address().port}/v1`,
  },
  `${base}/health/ready`,
);

/** Kilobytes by the name the system gives them, as MB; NaN where it tells nothing. */
async function memory(field) {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

async function send(method, path, body, headers = json) {
  const response = await fetch(`${base}/api/v1${path}`, { method, headers, body });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer.data;
}
const post = (path, body, headers) => send('POST', path, JSON.stringify(body), headers);

const results = [];

/** `limited`: it answers a request; a job in the background is only told. */
async function measure(name, work, limited = true) {
  // From here on the system notes the peak anew.
  await writeFile(`/proc/${server.child.pid}/clear_refs`, '5').catch(() => undefined);
  const before = await memory('VmRSS');
  const started = performance.now();
  const result = await work();
  const ms = performance.now() - started;
  const growth = (await memory('VmHWM')) - before;
  const within = ms < LIMIT_MS && !(growth >= LIMIT_MB);
  results.push({ name, ms, growth, verdict: limited ? (within ? 'yes' : 'NO') : '-' });
  return result;
}

async function settled(path) {
  for (;;) {
    const found = await send('GET', path);
    if (found.status === 'ready') return found;
    if (found.status === 'failed') throw new Error(`${path} failed: ${JSON.stringify(found.error)}`);
    await sleep(200);
  }
}

/** Markdown of so many bytes, no two sections alike. */
function handbook(bytes) {
  const words = 'walrus returns policy winter harbour invoice warranty receipt kettle lantern'.split(' ');
  const parts = [];
  for (let size = 0, n = 0; size < bytes; n++) {
    const line = Array.from({ length: 60 }, (_, i) => `${words[(n * 7 + i * i) % words.length]}${(n * i) % 97}`);
    parts.push(`## Section ${n}\n\n${line.join(' ')}.\n\n`);
    size += parts.at(-1).length;
  }
  return parts.join('').slice(0, bytes);
}

function upload(path, title, text) {
  const form = new FormData();
  form.set('title', title);
  form.set('file', new Blob([text], { type: 'text/markdown' }), `${title}.md`);
  return send('POST', path, form, { authorization: json.authorization });
}

try {
  const wait = { ...json, prefer: 'wait=30' };
  const limits = { maxSteps: 200 };
  const choice = { provider: 'local', name: 'scripted' };
  const definition = { instructions: 'Calculate.', model: choice, tools: ['calculator'], limits };
  const { id: agentId } = await post('/agents', { name: 'bench', ...definition });
  const { id: collectionId } = await post('/collections', { name: 'bench' });
  const documents = `/collections/${collectionId}/documents`;
  for (let n = 0; n < ROWS; n++) {
    await post('/agents', { name: `agent ${n}`, model: choice });
    await post(documents, { title: `d${n}`, text: `Text number ${n} of the walrus.` });
    await post('/threads', { title: `thread ${n}` });
  }
  const run = () => post('/runs', { agentId, input: 'Count.' }, wait);
  // Once before it counts: code is compiled, connections are open.
  await run();

  await measure(`run of ${2 * STEPS + 1} steps`, async () => {
    const { status } = await run();
    if (status !== 'succeeded') throw new Error(`The run ${status}`);
  });
  for (const path of ['/agents', '/threads', documents, '/runs']) {
    await measure(`page of 100: ${path.replace(collectionId, '{id}')}`, () => send('GET', `${path}?limit=100`));
  }
  await measure('query over small documents', () =>
    post(`/collections/${collectionId}/query`, { query: 'number walrus', topK: 50 }),
  );
  const middle = await measure('upload of 5 MiB', () => upload(documents, 'middle', handbook(5 * MB)));
  await measure('its ingestion, in the background', () => settled(`/documents/${middle.id}`), false);
  const text = handbook(50 * MB - 4096);
  const largest = await measure('upload of 50 MiB', () => upload(documents, 'largest', text));
  await send('DELETE', `/documents/${largest.id}`);
  await measure('text of 5 MiB', () => send('GET', `/documents/${middle.id}/text`));
  await measure('query over long documents', () =>
    post(`/collections/${collectionId}/query`, { query: 'walrus harbour warranty', topK: 50 }),
  );

  console.log('| operation | ms | resident growth MB | within limits |\n|---|---|---|---|');
  for (const { name, ms, growth, verdict } of results) {
    console.log(`| ${name} | ${ms.toFixed(0)} | ${growth.toFixed(0)} | ${verdict} |`);
  }
  if (results.some(({ verdict }) => verdict === 'NO')) process.exitCode = 1;
} finally {
  await server.stop();
  model.close();
  await rm(dataDir, { recursive: true, force: true });
}
