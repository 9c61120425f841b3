import { cpus } from 'node:os';
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Outcome, Scenario } from './stage.js';
import { seconds } from './until.js';

export interface Played {
  readonly scenario: Scenario;
  readonly outcome: Outcome;
  readonly ms: number;
}

export const verdict = ({ outcome }: Played): string =>
  outcome.skipped === undefined ? (outcome.breaches.length === 0 ? 'kept' : 'BROKEN') : 'skipped';

const HEAD = `| Scenario | Promise | Bar | Measured | Verdict | Took | When, how |
| --- | --- | --- | --- | --- | --- | --- |`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function row(played: Played, how: string): string {
  const { scenario, outcome, ms } = played;
  const { name, promise, bar } = scenario;
  const cells = [`\`${name}\``, promise, bar, outcome.skipped ?? outcome.figure, verdict(played), seconds(ms), how];
  return `| ${cells.map(cell).join(' | ')} |`;
}

const how = (full: boolean) => `${new Date().toISOString().slice(0, 10)}, ${full ? '`--full`' : 'small'}`;

export const table = (all: readonly Played[], full: boolean): string =>
  [HEAD, ...all.map((played) => row(played, how(full)))].join('\n');

/** Writes the report: what was played anew, and what it said before of the other scenarios. */
export async function writeReport(
  file: string,
  all: readonly Played[],
  full: boolean,
  scenarios: readonly Scenario[],
): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '');
  const rows = scenarios.flatMap(({ name }) => {
    const played = all.find(({ scenario }) => scenario.name === name);
    if (played) return [row(played, how(full))];
    return before.split('\n').filter((line) => line.startsWith(`| \`${name}\` `));
  });
  const options = await resolveConfig(file);
  await writeFile(file, await format(text([HEAD, ...rows].join('\n')), { ...options, filepath: file }));
}

const text = (measured: string) => `# Reliability

What Guildhall promises, each promise put to the test from outside: real processes, started as in production, that are
killed, stopped, cut off from each other and starved; a real PostgreSQL with fsync on and a real Redis; a scripted model;
a ledger of every call that reached the world. \`test/faults\` holds the scenarios, one a file.

\`npm run test:faults\` plays all of them small, in minutes; \`-- --full\` with the real counts; \`-- --only
kill-worker,redis\` some; \`-- --write\` renews their rows here, as \`--full\` does. The figures below are of ${cpus().length}
processors, shared by servers, databases and harness.

After every scenario the same is checked of every accepted run: it has ended, or waits for a person with an interrupt that
shows why; its events are gapless from 1 with exactly one terminal one, the last; JSON list and stream are the same; its
usage is the sum of its steps; no recorded call was made again; no unsafe call happened twice, every repeated one carried
the key of the first; no lease outlives its owner; no process ended by itself.

${measured}
`;
