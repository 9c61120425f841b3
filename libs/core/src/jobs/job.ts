export const JOB_STATES = ['queued', 'retrying', 'active', 'completed', 'cancelled', 'dead'] as const;

export type JobState = (typeof JOB_STATES)[number];

/** A job as its tenant sees it. */
export interface Job {
  readonly id: string;
  readonly queue: string;
  readonly state: JobState;
  readonly data: unknown;
  /** Of the request that enqueued it. */
  readonly traceId: string;
  readonly attempts: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}
