import type { z } from 'zod';
import { contribute } from './contribution.js';
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
