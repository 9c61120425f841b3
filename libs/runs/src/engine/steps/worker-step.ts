import { AppError, type RunContext, ValidationError, type WorkerHandler, type WorkerOptions } from '@guildhall/sdk';
import { zodFaults } from '@guildhall/core';
import type { AttemptState } from '../attempt-state.js';
import { performStep } from '../perform-step.js';

/** A worker's own steps are recorded inside the worker's, so a crash in the middle repeats only the unfinished one. */
export function performWorker(
  state: AttemptState,
  key: string,
  name: string,
  data: unknown,
  inner: () => RunContext,
): Promise<unknown> {
  return performStep<unknown>(state, {
    key,
    kind: 'worker',
    name,
    input: data,
    composite: true,
    run: async () => {
      const worker = state.contracts.contributions.find<WorkerHandler, WorkerOptions>('worker', name);
      if (!worker) throw new AppError('validation', 'invalid_reference', `There is no worker named '${name}'`);
      const parsed = worker.options.data.safeParse(data);
      if (!parsed.success) {
        const faults = zodFaults(parsed.error.issues, data, { root: 'data' });
        throw new ValidationError(`The data for the worker '${name}' is not valid`, faults);
      }
      return (await worker.instance.process(inner(), parsed.data)) ?? null;
    },
  });
}
