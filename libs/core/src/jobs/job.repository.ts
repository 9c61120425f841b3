import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { ListedRows } from '../database/listed-rows.js';
import type { Keyset } from '../http/pagination.js';
import { traceOf } from '../telemetry/trace.js';
import { type JobEnvelope } from './job-envelope.js';
import { fromJobId, toJobId } from './job-id.js';
import { JOB_SCHEMA } from './job-schema.js';
import type { Job, JobState } from './job.js';

export interface JobFilter {
  readonly queue?: string;
  readonly state?: JobState;
}

type StoredState = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';

interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly state: StoredState;
  readonly data: JobEnvelope;
  readonly retry_count: number;
  readonly output: { readonly code?: unknown; readonly message?: unknown; readonly value?: unknown } | null;
  readonly created_on: Date;
  readonly started_on: Date | null;
  readonly completed_on: Date | null;
}

const STORED = {
  queued: 'created',
  retrying: 'retry',
  active: 'active',
  completed: 'completed',
  cancelled: 'cancelled',
  dead: 'failed',
} satisfies Record<JobState, StoredState>;

const SHOWN = Object.fromEntries(Object.entries(STORED).map(([shown, stored]) => [stored, shown])) as Record<
  StoredState,
  JobState
>;

const COLUMNS = 'id, name, state, data, retry_count, output, created_on, started_on, completed_on';

/** Reads pg-boss's table, one tenant's rows at a time. */
@Injectable()
export class JobRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async list(tenantId: string, { queue, state }: JobFilter, { limit, before }: Keyset): Promise<ListedRows<Job>> {
    const rows = await ListedRows.read<JobRow>(
      this.database.manager,
      `SELECT ${COLUMNS} FROM ${JOB_SCHEMA}.job
       WHERE data->>'tenantId' = $1 AND ($2::text IS NULL OR name = $2) AND ($3::text IS NULL OR state::text = $3)
         AND ($4::uuid IS NULL OR id < $4)
       ORDER BY id DESC`,
      [tenantId, queue ?? null, state ? STORED[state] : null, (before && fromJobId(before)) ?? null],
      { limit },
    );
    return rows.map(toJob);
  }

  async count(tenantId: string, { queue, state }: JobFilter): Promise<number> {
    const [row] = await this.database.manager.query<[{ count: number }]>(
      `SELECT count(*)::int AS count FROM ${JOB_SCHEMA}.job
       WHERE data->>'tenantId' = $1 AND ($2::text IS NULL OR name = $2) AND ($3::text IS NULL OR state::text = $3)`,
      [tenantId, queue ?? null, state ? STORED[state] : null],
    );
    return row.count;
  }

  async find(tenantId: string, id: string): Promise<Job | undefined> {
    const uuid = fromJobId(id);
    if (uuid === undefined) return undefined;
    const [row] = await this.database.manager.query<JobRow[]>(
      `SELECT ${COLUMNS} FROM ${JOB_SCHEMA}.job WHERE data->>'tenantId' = $1 AND id = $2`,
      [tenantId, uuid],
    );
    return row && toJob(row);
  }
}

function toJob(row: JobRow): Job {
  const error = row.state === 'failed' || row.state === 'retry' ? toError(row.output) : undefined;
  return {
    id: toJobId(row.id),
    queue: row.name,
    state: SHOWN[row.state],
    data: row.data.data,
    traceId: traceOf(row.data).traceId,
    attempts: row.started_on === null ? 0 : row.retry_count + 1,
    ...(error ? { error } : {}),
    createdAt: row.created_on,
    startedAt: row.started_on,
    finishedAt: row.completed_on,
  };
}

/** Ours, or pg-boss's own for a worker that went away: `{ value: { message } }`. */
function toError(output: JobRow['output']): Job['error'] {
  const { code, message } = output ?? {};
  if (typeof code === 'string' && typeof message === 'string') return { code, message };
  return { code: 'timed_out', message: 'The worker stopped or took too long; the job was given up' };
}
