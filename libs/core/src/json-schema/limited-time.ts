import { createContext, Script } from 'node:vm';

const work: { run?: () => void } = {};
const context = createContext(work);
const script = new Script('run()');

/** The clock runs on while others have the processor: so often is work begun anew that was given less than half its time. */
const TRIES = 3;

/**
 * Runs synchronous work that a stranger may have made endless, a regular expression for instance, and stops it when its
 * time is up: nothing else could, for it holds the event loop. Work that was kept waiting by a busy machine is begun
 * anew, so it must change nothing. Costs a quarter of a millisecond, a thread that watches. Throws an error with the code
 * `ERR_SCRIPT_EXECUTION_TIMEOUT` when its time is up.
 */
export function inLimitedTime<T>(limitMs: number, compute: () => T): T {
  for (let left = TRIES - 1; ; left--) {
    const before = workedMs();
    try {
      return once(limitMs, compute);
    } catch (error) {
      const wasWorking = workedMs() - before >= limitMs / 2;
      if (!isOutOfTime(error) || wasWorking || left === 0) throw error;
    }
  }
}

function once<T>(limitMs: number, compute: () => T): T {
  let result: T | undefined;
  work.run = () => {
    result = compute();
  };
  try {
    script.runInContext(context, { timeout: limitMs });
  } finally {
    delete work.run;
  }
  return result as T;
}

/** What this thread has had of the processor. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export function isOutOfTime(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
