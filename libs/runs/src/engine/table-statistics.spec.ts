import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { TableStatistics } from './table-statistics.js';

describe('the statistics of tables', () => {
  const { database } = useRunFixture();

  const estimate = async (): Promise<number> => {
    const { rows } = await database().pool.query<{ reltuples: number }>(
      `SELECT reltuples FROM pg_class WHERE oid = 'threads'::regclass`,
    );
    return rows[0]!.reltuples;
  };
  const grow = (from: number, to: number) =>
    database().pool.query(
      `INSERT INTO threads (id, tenant_id) SELECT 'thr_' || n, 'ten_a' FROM generate_series($1::int, $2::int) n`,
      [from, to],
    );

  it('follow a table that grows, and cost one look as long as it does not', async () => {
    const statistics = new TableStatistics(database());
    await statistics.refresh();
    expect(await estimate()).toBeLessThanOrEqual(0);
    await grow(1, 2_000);
    await statistics.refresh();
    expect(await estimate()).toBe(2_000);
    await grow(2_001, 2_500);
    const query = jest.spyOn(database().pool, 'query');
    await statistics.refresh();
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    await grow(2_501, 9_000);
    await statistics.refresh();
    expect(await estimate()).toBe(9_000);
  });
});
