import type { Settings } from '@guildhall/core';
import { contextOf } from '../run-harness.js';
import type { RunStatus } from '../run.js';
import { RunEventRepository } from '../streaming/run-event.repository.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { RunRetentionJob } from './run-retention.job.js';

const TABLES = ['run_events', 'run_steps', 'interrupts'] as const;
const system = contextOf('system');

describe('run retention', () => {
  const { ctx, database, processOf } = useRunFixture();
  let job: RunRetentionJob;

  beforeAll(() => {
    job = new RunRetentionJob(database(), { RUN_RETENTION_DAYS: 30 } as Settings);
  });
  afterEach(async () => {
    for (const table of [...TABLES, 'runs']) await database().pool.query(`DELETE FROM ${table}`);
  });

  /** A run with two steps, an interrupt and so many events, that ended so many hours ago or has not. */
  async function put(id: string, status: RunStatus, hoursAgo: number | null, events = 3, tenant = ctx.tenantId) {
    const sql = (text: string, ...more: unknown[]) => database().pool.query(text, [id, tenant, ...more]);
    await sql(
      `INSERT INTO runs (id, tenant_id, thread_id, agent_id, agent_version, status, ready, turn, input, output, origin,
         streamed, last_seq, created_at, finished_at)
       VALUES ($1, $2, 'thr', 'agt', 1, $3, false, 1, '{"text":"hi"}', '{"text":"ho","citations":[]}', '{}', false, $5,
         now() - interval '90 days', now() - $4 * interval '1 hour')`,
      status,
      hoursAgo,
      events,
    );
    await sql(
      `INSERT INTO run_events SELECT $1, seq, $2, 'message.delta', '{}', now() - interval '90 days'
       FROM generate_series(1, $3) seq`,
      events,
    );
    await sql(
      `INSERT INTO run_steps (run_id, key, tenant_id, id, kind, name, status, attempt, started_at)
       SELECT $1, key, $2, key, 'tool', 'pay', 'succeeded', 1, now() FROM generate_series(1, 2) key`,
    );
    await sql(
      `INSERT INTO interrupts (id, tenant_id, run_id, key, kind, prompt, response_schema, status, expires_at)
       VALUES ('int_' || $1, $2, $1, '1', 'question', '?', '{}', 'expired', now())`,
    );
  }

  const kept = async (id: string): Promise<number[]> => {
    const counts = TABLES.map((table) =>
      database().pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE run_id = $1`, [id]),
    );
    return (await Promise.all(counts)).map(({ rows }) => rows[0]!.n);
  };

  it('removes what is due and nothing else, of every tenant', async () => {
    const statuses = ['succeeded', 'failed', 'cancelled'] as const;
    for (const status of statuses) {
      await put(`${status}_23h`, status, 23);
      await put(`${status}_25h`, status, 25);
      await put(`${status}_29d`, status, 29 * 24);
      await put(`${status}_31d`, status, 31 * 24, 3, 'ten_b');
    }
    await job.handle(system);
    for (const status of statuses) {
      expect(await kept(`${status}_23h`)).toEqual([3, 2, 1]);
      expect(await kept(`${status}_25h`)).toEqual([0, 2, 1]);
      expect(await kept(`${status}_29d`)).toEqual([0, 2, 1]);
      expect(await kept(`${status}_31d`)).toEqual([0, 0, 0]);
    }
  });

  it.each(['queued', 'running', 'waiting', 'needs_attention'] as const)(
    'keeps all of a run that is %s',
    async (status) => {
      await put('live', status, null);
      await put('lively', status, 31 * 24);
      await job.handle(system);
      expect(await kept('live')).toEqual([3, 2, 1]);
      expect(await kept('lively')).toEqual([3, 2, 1]);
    },
  );

  it('leaves the run with its input and output, and its events gone for good', async () => {
    await put('old', 'succeeded', 31 * 24);
    await job.handle(system);
    const { runs } = processOf();
    expect(await runs.get(ctx, 'old')).toMatchObject({ input: { text: 'hi' }, output: { text: 'ho' } });
    expect(await runs.steps(ctx, 'old')).toEqual([]);
    const events = new RunEventRepository(database());
    await expect(events.position(ctx, 'old')).rejects.toMatchObject({ code: 'events_expired' });
  });

  it('lets no run be retried whose record is gone: it would do all of it again', async () => {
    await put('bare', 'failed', 31 * 24);
    await put('recorded', 'failed', 29 * 24);
    await job.handle(system);
    const { retries, runs } = processOf();
    await expect(retries.retry(ctx, 'bare')).rejects.toMatchObject({ code: 'run_not_retryable' });
    expect((await runs.get(ctx, 'bare')).status).toBe('failed');
    expect((await retries.retry(ctx, 'recorded')).status).toBe('queued');
  });

  it('works in batches, and does nothing the second time', async () => {
    for (let i = 0; i < 205; i++) await put(`run_${i}`, 'succeeded', 31 * 24, i === 7 ? 5_001 : 1);
    const removed: number[] = [];
    const query = jest.spyOn(database().pool, 'query');
    await job.handle(system);
    for (const { value } of query.mock.results) {
      const { command, rowCount } = (await value) as unknown as { command: string; rowCount: number };
      if (command === 'DELETE') removed.push(rowCount);
    }
    query.mockClear();
    expect(Math.max(...removed)).toBe(5_000);
    expect(removed.reduce((sum, n) => sum + n)).toBe(204 + 5_001 + 410 + 205);
    await job.handle(system);
    expect(query).toHaveBeenCalledTimes(3);
    query.mockRestore();
  });

  it('stops when it is told to', async () => {
    await put('old', 'succeeded', 31 * 24);
    await expect(job.handle({ ...system, signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await kept('old')).toEqual([3, 2, 1]);
  });
});
