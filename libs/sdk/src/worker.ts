import type { z } from 'zod';
import { contribute } from './contribution.js';
import type { RequestContext } from './request-context.js';
import type { RunContext } from './run-context.js';

export interface WorkerOptions {
  readonly name: string;
  readonly description: string;
  /** A zod object: what a step hands to the worker. */
  readonly data: z.ZodType;
}

/** The unit that a run delegates a step to. A new message state comes back; the one handed in is never changed. */
export interface WorkerHandler<Data = unknown> {
  process(ctx: RunContext, data: Data): Promise<unknown>;
}

export const Worker = (options: WorkerOptions): ClassDecorator => contribute('worker', options.name, options);

/** What a worker is handed outside a run. */
export interface WorkerInvocation {
  /** What a step would hand to it: must satisfy the worker's schema. */
  readonly data: unknown;
  /** The user's words, that a run would have begun with. */
  readonly text?: string;
}

export interface WorkerOutcome {
  readonly output: unknown;
  readonly durationMs: number;
}

/** Calls one worker outside any run: nothing is recorded, nothing resumes. Implemented by the runs lib. */
export interface WorkerInvoker {
  /**
   * Throws `worker_not_found`, `validation_failed` for data that the worker's schema refuses, and `worker_needs_run`
   * when it asks a person, for which only a run can wait.
   */
  invoke(ctx: RequestContext, name: string, invocation: WorkerInvocation): Promise<WorkerOutcome>;
}

export const WORKER_INVOKER = Symbol.for('guildhall.worker-invoker');
