// node test/performance/gateway.mjs [--rounds 3] [--seconds 3] [--tokens 200]
//
// What a chat completion through /openai/v1 costs beside a bare Nest proxy that posts the same body to the same scripted
// model: CPU of the server a call (from /proc, so Linux), p50, and CPU a streamed token. Cells are measured in turn,
// several rounds in one invocation, servers on processor 0: quote the ratios, not the absolute figures.
// DATABASE_URL unset: embedded Postgres. The targets are at most 2 x the CPU of a call, 3 x that of a token, and 1 ms
// more at one connection; exit code 1 when one is missed.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, median } from './support/load.mjs';
import { freePort, startServer } from './support/processes.mjs';
import { startScriptedModel } from './support/scripted-model.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    tokens: { type: 'string', default: '200' },
  },
});
const [rounds, seconds, tokens] = [values.rounds, values.seconds, values.tokens].map(Number);
const MS_PER_TICK = 10;
const root = new URL('../..', import.meta.url).pathname;
const headers = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };

const model = await startScriptedModel({ tokens });
const dataDir = await mkdtemp(join(tmpdir(), 'guildhall-bench-'));
const [barePort, port] = [await freePort(), await freePort()];
const proxy = await startServer(
  join(root, 'test/performance/support/bare-proxy.mjs'),
  { PORT: String(barePort), UPSTREAM: model.baseUrl },
  `http://127.0.0.1:${barePort}/health`,
);
const house = await startServer(
  join(root, 'dist/apps/api/apps/api/src/main.js'),
  {
    NODE_ENV: 'development',
    PORT: String(port),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    MAX_CONCURRENT_REQUESTS: '500',
    LOCAL_LLM_BASE_URL: model.baseUrl,
  },
  `http://127.0.0.1:${port}/health/ready`,
);

const servers = {
  proxy: { ...proxy, origin: `http://127.0.0.1:${barePort}`, path: '/v1/chat/completions', model: 'scripted' },
  gateway: {
    ...house,
    origin: `http://127.0.0.1:${port}`,
    path: '/openai/v1/chat/completions',
    model: 'local/scripted',
  },
};
const cells = {
  'call, 16 connections': { connections: 16, stream: false },
  'call, 1 connection': { connections: 1, stream: false },
  [`stream of ${tokens}, 16 connections`]: { connections: 16, stream: true },
};

/** User and system time of a process so far, in ms. */
function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

async function measure({ child, origin, path, model: name }, { connections, stream }) {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'What is the weather in Berlin?' },
  ];
  const body = JSON.stringify({ model: name, messages, ...(stream ? { stream: true } : {}) });
  const before = cpuMs(child.pid);
  const run = await load(
    origin,
    { path, method: 'POST', headers, body },
    { connections, seconds, accept: (status, text) => status === 200 && text.includes('quick') },
  );
  return { ...run, cpu: (cpuMs(child.pid) - before) / run.total };
}

try {
  const results = {};
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const [cell, what] of Object.entries(cells)) {
      for (const [name, server] of Object.entries(servers)) {
        const result = await measure(server, what);
        if (round > 0) ((results[cell] ??= {})[name] ??= []).push(result);
      }
    }
  }
  console.log(
    '| cell | server | CPU ms/call | of the proxy | p50 ms | calls/s | errors |\n|---|---|---|---|---|---|---|',
  );
  const figures = {};
  for (const [cell, byServer] of Object.entries(results)) {
    for (const [name, runs] of Object.entries(byServer)) {
      const of = (field) => median(runs.map((run) => run[field]));
      const errors = runs.reduce((sum, run) => sum + run.errors, 0);
      const figure = { cpu: of('cpu'), p50: of('p50'), errors };
      (figures[cell] ??= {})[name] = figure;
      const ratio = figure.cpu / figures[cell].proxy.cpu;
      console.log(
        `| ${cell} | ${name} | ${figure.cpu.toFixed(3)} | ${ratio.toFixed(2)} | ${figure.p50.toFixed(2)} | ${of('perSecond').toFixed(0)} | ${errors} |`,
      );
      if (errors > 0) console.log(`  first error: ${runs.find((run) => run.firstError)?.firstError}`);
    }
  }
  const [call, single, stream] = Object.values(figures);
  const perToken = ({ cpu }, whole) => Math.max(cpu - whole.cpu, 0) / tokens;
  const checks = [
    ['CPU of a call / proxy', call.gateway.cpu / call.proxy.cpu, 2],
    ['CPU of a token / proxy', perToken(stream.gateway, call.gateway) / perToken(stream.proxy, call.proxy), 3],
    ['added p50 at one connection, ms', single.gateway.p50 - single.proxy.p50, 1],
    ['errors', Object.values(figures).reduce((sum, cell) => sum + cell.gateway.errors + cell.proxy.errors, 0), 0],
  ];
  console.log('\n| target | measured | at most | |\n|---|---|---|---|');
  for (const [what, value, most] of checks) {
    console.log(`| ${what} | ${value.toFixed(2)} | ${most} | ${value <= most ? 'met' : 'MISSED'} |`);
    if (!(value <= most)) process.exitCode = 1;
  }
} finally {
  await Promise.all([house.stop(), proxy.stop()]);
  model.stop();
  await rm(dataDir, { recursive: true, force: true });
}
