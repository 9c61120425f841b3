import { createContext, Script } from 'node:vm';

const work: { run?: () => void } = {};
const context = createContext(work);
const script = new Script('run()');

/**
 * Runs synchronous work that a stranger may have made endless, a regular expression for instance, and stops it when its
 * time is up: nothing else could, for it holds the event loop. Costs a quarter of a millisecond, a thread that watches.
 * Throws an error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT` then.
 */
export function inLimitedTime<T>(timeoutMs: number, compute: () => T): T {
  let result: T | undefined;
  work.run = () => {
    result = compute();
  };
  try {
    script.runInContext(context, { timeout: timeoutMs });
  } finally {
    delete work.run;
  }
  return result as T;
}

export function isOutOfTime(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
