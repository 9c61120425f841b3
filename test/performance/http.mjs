// npm run bench:http [-- --rounds 3 --seconds 3]
//
// Requests per second of an authenticated GET of an agent and of a one-step run (one model call against a scripted model
// in this process), against a bare Nest + Fastify hello. All three are measured in turn, several rounds in one
// invocation, servers on processor 0: quote the ratios, not the absolute figures. DATABASE_URL unset: embedded Postgres.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, median } from './support/load.mjs';
import { freePort, startServer } from './support/processes.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' } },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const root = new URL('../..', import.meta.url).pathname;
const key = 'gh_dev_local';
const json = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };

const reply = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'scripted',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The quick brown fox.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
});
const model = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(reply));
});
await new Promise((resolve) => model.listen(0, '127.0.0.1', resolve));

/** Resident memory of the server in MB; NaN where the system does not tell. */
async function residentMb() {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const dataDir = await mkdtemp(join(tmpdir(), 'guildhall-bench-'));
const [barePort, port] = [await freePort(), await freePort()];
const base = `http://127.0.0.1:${port}`;
const bare = await startServer(
  join(root, 'test/performance/support/bare-nest.mjs'),
  { PORT: String(barePort) },
  `http://127.0.0.1:${barePort}/hello`,
);
const server = await startServer(
  join(root, 'dist/apps/api/apps/api/src/main.js'),
  {
    NODE_ENV: 'development',
    PORT: String(port),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    MAX_CONCURRENT_REQUESTS: '500',
    LOCAL_LLM_BASE_URL: `http://127.0.0.1:${model.address().port}/v1`,
  },
  `${base}/health/ready`,
);

try {
  const created = await fetch(`${base}/api/v1/agents`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ name: 'bench', instructions: 'Answer.', model: { provider: 'local', name: 'scripted' } }),
  });
  if (!created.ok) throw new Error(`The agent was refused: ${created.status} ${await created.text()}`);
  const agentId = (await created.json()).data.id;
  const cells = {
    'bare hello': [`http://127.0.0.1:${barePort}`, { path: '/hello', method: 'GET' }, 32, (status) => status === 200],
    'GET agent': [
      base,
      { path: `/api/v1/agents/${agentId}`, method: 'GET', headers: json },
      32,
      (status) => status === 200,
    ],
    'one-step run': [
      base,
      {
        path: '/api/v1/runs',
        method: 'POST',
        headers: { ...json, prefer: 'wait=30' },
        body: JSON.stringify({ agentId, input: 'Hello?' }),
      },
      32,
      (status, text) => status === 200 && text.includes('quick'),
    ],
  };
  await load(...cells['one-step run'].slice(0, 2), { connections: 32, seconds, accept: () => true });
  const before = await residentMb();
  const results = Object.fromEntries(Object.keys(cells).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, [origin, request, connections, accept]] of Object.entries(cells)) {
      results[name].push(await load(origin, request, { connections, seconds, accept }));
    }
  }
  const floor = median(results['bare hello'].map(({ perSecond }) => perSecond));
  console.log('| what | requests/s | of bare | p50 ms | p99 ms | errors |\n|---|---|---|---|---|---|');
  for (const [name, runs] of Object.entries(results)) {
    const of = (field) => median(runs.map((run) => run[field]));
    const errors = runs.reduce((sum, run) => sum + run.errors, 0);
    console.log(
      `| ${name} | ${of('perSecond').toFixed(0)} | ${(of('perSecond') / floor).toFixed(3)} | ${of('p50').toFixed(2)} | ${of('p99').toFixed(2)} | ${errors} |`,
    );
    if (errors > 0) console.log(`  first error: ${runs.find((run) => run.firstError)?.firstError}`);
  }
  const slowest = Math.max(...Object.values(results).flatMap((runs) => runs.map(({ slowest }) => slowest)));
  const growth = (await residentMb()) - before;
  console.log(
    `\nslowest operation ${slowest.toFixed(0)} ms (limit 5000), resident growth over all rounds ${growth.toFixed(0)} MB`,
  );
  if (slowest > 5000) process.exitCode = 1;
} finally {
  await Promise.all([server.stop(), bare.stop()]);
  model.close();
  await rm(dataDir, { recursive: true, force: true });
}
