import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import { ListedRows, MAX_PAGE_BYTES } from '../../libs/core/src/database/listed-rows.js';

describe('the rows of a page', () => {
  let testing: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    testing = await testDatabase({ migrations: [] });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  /** Rows of this many bytes each. */
  const SELECT = `SELECT i AS id, repeat('x', $2::int) AS text, now() AS at FROM generate_series(1, $1::int) i ORDER BY i`;
  const read = (count: number, bytes: number, limit: number, maxBytes?: number) =>
    ListedRows.read<{ id: number; text: string; at: Date }>(database.pool, SELECT, [count, bytes], { limit, maxBytes });
  const ids = ({ items }: ListedRows<{ id: number }>) => items.map(({ id }) => id);

  it('are those asked for, in their order, and tell whether there are more', async () => {
    const some = await read(5, 1, 3);
    expect([ids(some), some.hasMore]).toEqual([[1, 2, 3], true]);
    const all = await read(3, 1, 3);
    expect([ids(all), all.hasMore]).toEqual([[1, 2, 3], false]);
    const none = await read(0, 1, 3);
    expect([ids(none), none.hasMore]).toEqual([[], false]);
    expect(Object.keys(all.items[0]!)).toEqual(['id', 'text', 'at']);
    expect(all.items[0]!.at).toBeInstanceOf(Date);
  });

  it('end where they become too many bytes', async () => {
    const rows = await read(10, 900_000, 100);
    expect([rows.items.length, rows.hasMore]).toEqual([Math.floor(MAX_PAGE_BYTES / 900_000), true]);
  });

  it('are at least one, however large', async () => {
    const rows = await read(2, 9_000, 100, 8_000);
    expect([ids(rows), rows.hasMore]).toEqual([[1], true]);
    const last = await read(1, 9_000, 100, 8_000);
    expect([ids(last), last.hasMore]).toEqual([[1], false]);
  });

  it('are measured as JSON, in which a character may take six bytes', async () => {
    const select = String.raw`SELECT i AS id, repeat(E'\x01', 1000) AS text FROM generate_series(1, 20) i ORDER BY i`;
    const rows = await ListedRows.read<object>(database.manager, select, [], { limit: 20, maxBytes: 50_000 });
    expect(Buffer.byteLength(JSON.stringify(rows.items))).toBeLessThan(50_000);
    expect(rows.items.length).toBeGreaterThan(1);
  });

  it('are not unpacked behind the end of the page', async () => {
    await database.pool.query(`CREATE TYPE mine AS ENUM ('a');
      CREATE FUNCTION touch(mine) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE 'unpacked'; END $$;
      CREATE CAST (mine AS json) WITH FUNCTION touch(mine)`);
    const select = `SELECT i AS id, repeat('x', 1000) AS text, CASE WHEN i > 6 THEN 'a'::mine END AS mine
      FROM generate_series(1, 20) i ORDER BY i`;
    const read = (maxBytes: number) =>
      ListedRows.read<{ id: number }>(database.pool, select, [], { limit: 20, maxBytes });
    const rows = await read(8_000);
    expect([ids(rows), rows.hasMore]).toEqual([[1, 2, 3, 4, 5], true]);
    await expect(read(80_000)).rejects.toThrow('unpacked');
  });

  it('are bounded in the same way where they are in memory', () => {
    const all = Array.from({ length: 100 }, (_, id) => ({ id, text: 'x'.repeat(900_000) }));
    const rows = ListedRows.first(all, { limit: 100 });
    expect([rows.items.length, rows.hasMore]).toEqual([Math.floor(MAX_PAGE_BYTES / 900_000), true]);
    expect(ListedRows.first(all, { limit: 100, maxBytes: 1 }).items).toEqual(all.slice(0, 1));
  });
});
