import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestTally } from './request-tally.js';

/** A symbol: it goes wherever the fields go, and no log line shows it. */
export const TALLY = Symbol('guildhall.tally');

/** The same: the caller's `traceparent`, for all that is called in its name. */
export const TRACEPARENT = Symbol('guildhall.traceparent');

/** Fields that every log line of the current request, job or run carries. */
export interface LogFields {
  readonly requestId: string;
  readonly tenantId?: string;
  readonly actorId?: string;
  readonly runId?: string;
  readonly jobId?: string;
  readonly [TALLY]?: RequestTally;
  readonly [TRACEPARENT]?: string | undefined;
}

const storage = new AsyncLocalStorage<LogFields>();

/** Runs `work` with these fields on all its log lines, awaited ones included; inner calls add to outer ones. */
export function withLogFields<T>(fields: Partial<LogFields> & Pick<LogFields, 'requestId'>, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

/** Runs what tells of work that another async context began: with exactly these fields and none of its own. */
export function inLogFields<T>(fields: LogFields | undefined, work: () => T): T {
  return fields ? storage.run(fields, work) : storage.exit(work);
}

export function currentLogFields(): LogFields | undefined {
  return storage.getStore();
}

/** Of the request that this code works for; undefined in jobs, in runs that a worker has claimed, and at the start. */
export function currentTally(): RequestTally | undefined {
  return storage.getStore()?.[TALLY];
}
