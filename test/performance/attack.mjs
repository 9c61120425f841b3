// npm run bench:attack -- [--seconds 60] [--only 'wrong keys']
//
// Two tenants of a built server with the image's heap: one attacks with each item of test/slow/attack/attacks.ts for so
// long, the other works as any tenant does. Prints the other's answers, its 5xx, and its p95 quiet and under attack.
// DATABASE_URL: an empty Postgres; unset: the embedded one.
// The attacker has a thread of its own: in the one that measures, four forms of 45 MiB alone made every answer look late.
// Exit code 1 at any 5xx. p95 under attack should stay within three times the quiet one; a busy machine says little.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { ATTACKS } from '../slow/attack/attacks.ts';
import { ordinaryWork, p95, serverErrors } from '../slow/attack/ordinary-work.ts';
import { startBattlefield } from '../slow/attack/tenants.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, only: { type: 'string' } } });
const ms = Number(values.seconds) * 1000;
const field = await startBattlefield(process.env.DATABASE_URL ?? 'pglite:memory');

try {
  await ordinaryWork(field.other, AbortSignal.timeout(2000));
  console.log(`database: ${process.env.DATABASE_URL ? 'Postgres' : 'embedded'}, ${values.seconds} s each`);
  console.log('| attack | answers | 5xx | p95 quiet ms | p95 attacked ms | ratio |\n|---|---|---|---|---|---|');
  for (const name of Object.keys(ATTACKS)) {
    if (values.only !== undefined && values.only !== name) continue;
    const quiet = await ordinaryWork(field.other, AbortSignal.timeout(Math.min(ms, 5000)));
    const attack = attackApart(name, field.attacker);
    const [answers] = await Promise.all([ordinaryWork(field.other, AbortSignal.timeout(ms)), attack]);
    const errors = serverErrors(answers);
    const [before, during] = [p95(quiet), p95(answers)];
    const figures = [answers.length, errors, before.toFixed(0), during.toFixed(0), (during / before).toFixed(1)];
    console.log(`| ${name} | ${figures.join(' | ')} |`);
    if (errors > 0) process.exitCode = 1;
  }
} finally {
  await field.close();
}

async function attackApart(name, tenant) {
  const attacker = new Worker(new URL('support/attacker.mjs', import.meta.url), { workerData: { name, tenant, ms } });
  await once(attacker, 'exit');
}
