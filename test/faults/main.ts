// npm run test:faults [-- --full] [--only kill-worker,redis] [--list] [--write]
//
// Plays every scenario, small ones by default, the real counts with --full; that, and --write, puts what was
// measured into docs/RELIABILITY.md. Ends with 1 when a promise was broken.
import { parseArgs } from 'node:util';
import { play } from './play.js';
import { type Played, table, verdict, writeReport } from './report.js';
import { SCENARIOS } from './scenarios/index.js';

const REPORT = 'docs/RELIABILITY.md';
const print = (line: string) => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',');
const unknown = names?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
if (unknown.length > 0) {
  print(`No such scenario: ${unknown.join(', ')}. There are: ${SCENARIOS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const chosen = SCENARIOS.filter(({ name }) => names === undefined || names.includes(name));
if (values.list) {
  for (const { name, promise } of chosen) print(`${name}: ${promise}`);
  process.exit(0);
}

function printBreaches({ scenario, outcome }: Played): void {
  for (const breach of outcome.breaches.slice(0, 20)) print(`   ✗ ${scenario.name}: ${breach}`);
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const played: Played[] = [];
for (const scenario of chosen) {
  if (interrupted.signal.aborted) break;
  print(`── ${scenario.name}: ${scenario.promise}`);
  const one = await play(scenario, values.full, print, interrupted.signal);
  print(`   ${verdict(one)} in ${(one.ms / 1000).toFixed(1)} s: ${one.outcome.skipped ?? one.outcome.figure}`);
  printBreaches(one);
  if (interrupted.signal.aborted) break;
  played.push(one);
  // At once: the next one may take minutes, and be interrupted.
  if (values.write || values.full) await writeReport(REPORT, played, values.full, SCENARIOS);
}

print(`\n${table(played, values.full)}\n`);
// Once more at the end, which is the part of a CI log that is read.
for (const one of played) printBreaches(one);
const count = (what: string) => played.filter((one) => verdict(one) === what).length;
print(`Tests: ${count('BROKEN')} failed, ${count('skipped')} skipped, ${count('kept')} passed, ${played.length} total`);
process.exit(count('BROKEN') > 0 || interrupted.signal.aborted ? 1 : 0);
