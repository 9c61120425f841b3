// npm run bench:peers -- --bench <folder> [--peers direct,nest,portkey,portkey-fallback,voltagent] [--rounds 3]
//                        [--seconds 2] [--cells text:1,text:16,…]
//
// Guildhall beside its peers, in one invocation of the overhead benchmark in <folder>: its README says how the peers are
// installed, BENCH_PEERS names where. Beside the benchmark's own entries run a durable run that its caller waits for, the
// same streamed, a gateway call, and a gateway call whose first provider always answers 503. Prints the benchmark's
// table, then each target beside what was measured; exit code 1 when one is missed.
// DATABASE_URL: an empty Postgres, fsync on. MOCK_OPTS=@ttft=50 asks a model that takes 50 ms.
import { spawn } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compare } from './support/compare.mjs';
import { prepareHouse } from './support/house.mjs';

const { values } = parseArgs({
  options: {
    bench: { type: 'string' },
    peers: { type: 'string', default: 'direct,nest,portkey,portkey-fallback,voltagent' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    cells: { type: 'string', default: 'text:1,text:16,tool:16,text+s:16,long+s:16' },
  },
});
for (const name of ['BENCH_PEERS', 'DATABASE_URL']) {
  if (!process.env[name]) throw new Error(`Set ${name}: the head of ${import.meta.url} says to what`);
}
if (!values.bench) throw new Error('Name the folder of the benchmark with --bench');

const folder = await mkdtemp(join(tmpdir(), 'guildhall-peers-'));
try {
  await cp(resolve(values.bench), folder, { recursive: true });
  const entries = new URL('./support/house.mjs', import.meta.url).href;
  await appendFile(
    join(folder, 'peers.mjs'),
    `\nimport { house } from '${entries}';\nObject.assign(peers, house(process.env));\n`,
  );
  const env = { ...process.env, ...(await prepareHouse(join(folder, 'mock-llm.mjs'))) };
  const names = `${values.peers},guildhall,guildhall-stream,guildhall-gateway,guildhall-failover`;
  const out = join(folder, 'results.json');
  const measuring = { peers: names, rounds: values.rounds, secs: values.seconds, cells: values.cells, out };
  const args = Object.entries(measuring).flatMap(([option, value]) => [`--${option}`, value]);
  await run([join(folder, 'bench.mjs'), ...args], env);
  const allMet = compare(JSON.parse(await readFile(out, 'utf8')));
  process.exitCode = allMet ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function run(args, env) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => (code === 0 ? done() : fail(new Error(`The benchmark exited with ${code}`))));
  });
}
