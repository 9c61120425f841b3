import { setTimeout as sleep } from 'node:timers/promises';
import type { Played } from './report.js';
import { type Outcome, type Scenario, Stage } from './stage.js';

/** Plays one scenario within its time, and clears the stage whatever happened. */
export async function play(
  scenario: Scenario,
  full: boolean,
  print: (line: string) => void,
  interrupted: AbortSignal,
): Promise<Played> {
  const stage = new Stage(full, (line) => print(`   ${line}`));
  const limitMs = full ? scenario.limitMs.full : scenario.limitMs.small;
  const from = performance.now();
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, interrupted]);
  const late = sleep(limitMs, undefined, { signal }).then(
    () => broken(`not over after ${limitMs} ms`),
    () => broken('interrupted'),
  );
  let outcome: Outcome;
  try {
    outcome = await Promise.race([scenario.run(stage), late]);
  } catch (error) {
    const { stack, cause } = error as Error;
    outcome = broken(`${stack ?? String(error)}${cause === undefined ? '' : ` (cause: ${String(cause)})`}`);
  } finally {
    over.abort();
    await stage.clear();
  }
  return { scenario, outcome, ms: performance.now() - from };
}

const broken = (why: string): Outcome => ({ figure: 'none', breaches: [why] });
