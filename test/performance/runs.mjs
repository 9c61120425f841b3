// npm run bench:runs -- [--stored 1000000] [--seconds 5] [--rounds 3]
//
// Durable one-call runs that their caller waits for, against a scripted model: server CPU a run, runs a second and
// latency, in an empty database and again with `--stored` ended runs in it (copies of a real one with its thread,
// messages, step and events); then 200 runs at once against a model that takes a second. Server on processor 0.
// DATABASE_URL: an empty Postgres, fsync on. Exit code 1 when a full database costs over 20 % more, or the 200 take over 1.5 s.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Pool } from 'undici';
import { load, median } from './support/load.mjs';
import { freePort, startServer } from './support/processes.mjs';
import { startScriptedModel } from './support/scripted-model.mjs';
import { storeRuns } from './support/store-runs.mjs';

const { values } = parseArgs({
  options: {
    stored: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
  },
});
const [stored, seconds, rounds] = [values.stored, values.seconds, values.rounds].map(Number);
if (!process.env.DATABASE_URL) throw new Error('Set DATABASE_URL to an empty Postgres');
const BURST = 200;
const MS_PER_TICK = 10;
const root = new URL('../..', import.meta.url).pathname;
const headers = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };

const quick = await startScriptedModel({ tokens: 16 });
const slow = await startScriptedModel({ tokens: 16, delayMs: 1000 });
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const house = await startServer(
  join(root, 'dist/apps/api/apps/api/src/main.js'),
  {
    NODE_ENV: 'development',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    MAX_CONCURRENT_REQUESTS: '500',
    RUN_WORKERS: 'true',
    LOCAL_LLM_BASE_URL: quick.baseUrl,
  },
  `${origin}/health/ready`,
);
const database = new pg.Client(process.env.DATABASE_URL);

try {
  await database.connect();
  await post('/api/v1/providers', { id: 'slow', kind: 'local', baseUrl: slow.baseUrl, models: [{ name: 'scripted' }] });
  const quickAgent = await agent('bench-quick', 'local');
  const slowAgent = await agent('bench-slow', 'slow');
  await measure(quickAgent, 16);
  const empty = await cells(quickAgent);
  const begun = performance.now();
  await storeRuns(database, quickAgent, stored);
  console.error(`${stored} runs stored in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  const full = await cells(quickAgent);
  console.log(
    '| database | connections | CPU ms/run | runs/s | p50 ms | p99 ms | errors |\n|---|---|---|---|---|---|---|',
  );
  print('empty', empty);
  print(`${stored} runs`, full);
  const growth = full[16].cpu / empty[16].cpu;
  const burstMs = await burst(slowAgent);
  console.log(`\nfull / empty, CPU a run: ${growth.toFixed(2)} (at most 1.20)`);
  console.log(`${BURST} runs at once, model of 1 s: all ended after ${burstMs.toFixed(0)} ms (at most 1500)`);
  if (growth > 1.2 || burstMs > 1500) process.exitCode = 1;
} finally {
  await database.end();
  await house.stop();
  quick.stop();
  slow.stop();
}

async function post(path, body) {
  const answer = await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${path} was refused: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).data;
}

async function agent(name, provider) {
  return (await post('/api/v1/agents', { name, instructions: 'Answer.', model: { provider, name: 'scripted' } })).id;
}

function runOf(agentId) {
  const body = JSON.stringify({ agentId, input: 'What is the weather in Berlin?' });
  return { path: '/api/v1/runs', method: 'POST', headers: { ...headers, prefer: 'wait=30' }, body };
}

async function cells(agentId) {
  const measured = {};
  for (let round = 0; round < rounds; round++) {
    for (const connections of [1, 16, 64]) (measured[connections] ??= []).push(await measure(agentId, connections));
  }
  const middle = (runs) => (field) => median(runs.map((run) => run[field]));
  return Object.fromEntries(
    Object.entries(measured).map(([connections, runs]) => {
      const of = middle(runs);
      const errors = runs.reduce((sum, run) => sum + run.errors, 0);
      return [connections, { cpu: of('cpu'), perSecond: of('perSecond'), p50: of('p50'), p99: of('p99'), errors }];
    }),
  );
}

async function measure(agentId, connections) {
  const before = cpuMs();
  const accept = (status, text) => status === 200 && text.includes('quick');
  const run = await load(origin, runOf(agentId), { connections, seconds, warmup: 0.5, accept });
  return { ...run, cpu: (cpuMs() - before) / run.total };
}

function print(name, byConnections) {
  for (const [connections, { cpu, perSecond, p50, p99, errors }] of Object.entries(byConnections)) {
    const figures = [cpu.toFixed(3), perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2), errors];
    console.log(`| ${name} | ${connections} | ${figures.join(' | ')} |`);
  }
}

async function burst(agentId) {
  const pool = new Pool(origin, { connections: BURST });
  const one = async () => {
    const { statusCode, body } = await pool.request(runOf(agentId));
    const text = await body.text();
    if (statusCode !== 200 || !text.includes('quick')) throw new Error(`A run did not succeed: ${statusCode} ${text}`);
  };
  // Connections are made before the clock starts.
  await Promise.all(
    Array.from({ length: BURST }, async () =>
      (await pool.request({ path: '/health/live', method: 'GET' })).body.dump(),
    ),
  );
  const begun = performance.now();
  await Promise.all(Array.from({ length: BURST }, one));
  const took = performance.now() - begun;
  await pool.close();
  return took;
}

function cpuMs() {
  const stat = readFileSync(`/proc/${house.child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
