import type { EntityManager } from 'typeorm';
import type { Run } from '../run.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { ThreadRepository } from './thread.repository.js';

describe('deleting a thread', () => {
  const { ctx, database, processOf, finish } = useRunFixture();

  const countOf = async (table: string, runId: string) =>
    (await database().pool.query(`SELECT FROM ${table} WHERE run_id = $1`, [runId])).rowCount;

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
    const process = processOf();
    const run = await finish(process);
    const threads = new ThreadRepository();
    await database().transaction(ctx, (tx) => threads.delete(behindAWriteOf(run, tx), ctx, run.threadId));
    for (const table of ['run_events', 'run_steps', 'messages']) expect(await countOf(table, run.id)).toBe(0);
    await expect(process.runs.get(ctx, run.id)).rejects.toMatchObject({ code: 'run_not_found' });
  });
});
