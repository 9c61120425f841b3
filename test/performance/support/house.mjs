import { spawn } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { startServer } from './processes.mjs';

const repository = new URL('../../..', import.meta.url).pathname;
const main = 'dist/apps/api/apps/api/src/main.js';
const UPSTREAM = 'http://127.0.0.1:9900/v1';
const PORT = 9920;
const FAILOVER_PORT = 9921;
const QUESTION = 'What is the weather in Berlin?';
const INSTRUCTIONS = 'You are a helpful assistant.';
const json = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };

const common = {
  NODE_ENV: 'development',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
  MAX_CONCURRENT_REQUESTS: '1000',
  RUN_WORKERS: 'true',
  PLUGINS: './plugins/example-weather',
  LOCAL_LLM_BASE_URL: UPSTREAM,
};

/** The first provider by priority always fails and is never rested, so that each call pays for one failover. */
const failing = {
  ...common,
  ROUTING_WEIGHTS: 'health=0,cost=0,performance=0,preference=1',
  BREAKER_FAILURES: '1000000000',
};

const modelOf = (script, { MOCK_OPTS = '' }) =>
  script === 'long' ? 'mock-text@tokens=200' : `mock-${script}${MOCK_OPTS}`;

/** The entries of the overhead benchmark for one server that keeps runs in Postgres, and one that has to fail over. */
export function house(env) {
  const agents = JSON.parse(env.BENCH_AGENTS);
  const cwd = relative(resolve(env.BENCH_PEERS), repository);
  const own = { port: PORT, sharedWith: 'guildhall' };
  const run = (script) => ({ path: '/api/v1/runs', body: { agentId: agents[script], input: QUESTION } });
  const headers = ['authorization: Bearer gh_dev_local'];
  const chat = (named) => (script, stream) => ({
    path: '/openai/v1/chat/completions',
    body: {
      model: named(modelOf(script, env)),
      messages: [
        { role: 'system', content: INSTRUCTIONS },
        { role: 'user', content: QUESTION },
      ],
      ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    },
  });
  return {
    guildhall: { port: PORT, cwd, args: [main], env: common, headers: [...headers, 'prefer: wait=30'], req: run },
    'guildhall-stream': { ...own, headers: [...headers, 'accept: text/event-stream'], req: run },
    'guildhall-gateway': { ...own, agent: false, headers, req: chat((name) => `local/${name}`) },
    'guildhall-failover': {
      port: FAILOVER_PORT,
      cwd,
      args: [main],
      env: failing,
      agent: false,
      headers,
      req: chat(() => 'default'),
    },
  };
}

/** Makes the agents and providers that the entries speak of; returns what the benchmark must know of them. */
export async function prepareHouse(mock) {
  const upstream = spawn(process.execPath, [mock], { stdio: 'ignore' });
  const server = await startServer(main, { ...common, PORT: String(PORT) }, `http://127.0.0.1:${PORT}/health/ready`);
  try {
    const agents = {};
    for (const script of ['text', 'tool', 'long']) {
      const { id } = await post('/api/v1/agents', {
        name: `bench-${script}`,
        instructions: INSTRUCTIONS,
        model: { provider: 'local', name: modelOf(script, process.env) },
        tools: ['weather.current'],
      });
      agents[script] = id;
    }
    for (const [id, priority, name] of [
      ['failing', 1, 'mock-err-503'],
      ['healthy', 2, modelOf('text', process.env)],
    ]) {
      await post('/api/v1/providers', {
        id,
        kind: 'openai-compatible',
        baseUrl: UPSTREAM,
        priority,
        models: [{ name }],
      });
    }
    return { BENCH_AGENTS: JSON.stringify(agents) };
  } finally {
    await server.stop();
    upstream.kill();
  }
}

async function post(path, body) {
  const answer = await fetch(`http://127.0.0.1:${PORT}${path}`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path} was refused: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).data;
}
