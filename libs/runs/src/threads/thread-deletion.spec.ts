import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { EntityManager } from 'typeorm';
import type { Database } from '@guildhall/core';
import { RUN_MIGRATIONS } from '../migrations/run-migrations.js';
import { FakeWorld, contextOf, harness } from '../run-harness.js';
import type { Run } from '../run.js';
import { ThreadRepository } from './thread.repository.js';

describe('deleting a thread', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  const ctx = contextOf();
  const countOf = async (table: string, runId: string) =>
    (await database.pool.query(`SELECT FROM ${table} WHERE run_id = $1`, [runId])).rowCount;

  /** As seen by a transaction whose wait for the run's row let an engine's last write through. */
  const behindAWriteOf = ({ id, tenantId }: Run, tx: EntityManager): EntityManager => {
    const write = async () => {
      await tx.query(
        `INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at) VALUES ($1, 99, $2, 'step.started', '{}', now())`,
        [id, tenantId],
      );
      await tx.query(
        `INSERT INTO run_steps (run_id, key, tenant_id, id, kind, name, status, attempt, started_at)
         VALUES ($1, '99', $2, 'stp_late', 'tool', 'pay', 'running', 1, now())`,
        [id, tenantId],
      );
    };
    const query = async (text: string, values: unknown[]): Promise<unknown> => {
      if (text.startsWith('DELETE FROM runs')) await write();
      return tx.query(text, values);
    };
    return { query } as EntityManager;
  };

  it('leaves nothing of a run that an engine was writing to', async () => {
    const process = harness(database, new FakeWorld());
    const { settled } = await process.service.start(ctx, { agentId: 'agt', input: { text: 'hi' } }, 'wait');
    const run = await settled(5000);
    const threads = new ThreadRepository();
    await database.transaction(ctx, (tx) => threads.delete(behindAWriteOf(run, tx), ctx, run.threadId));
    for (const table of ['run_events', 'run_steps', 'messages']) expect(await countOf(table, run.id)).toBe(0);
    await expect(process.runs.get(ctx, run.id)).rejects.toMatchObject({ code: 'run_not_found' });
  });
});
