import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { type Database, Metrics, SetAside } from '@guildhall/core';
import type { Logger, RequestContext } from '@guildhall/sdk';
import { Accounting1763800100000 } from '../../migrations/0003-accounting.js';
import { UsageBook } from './usage-book.js';
import { UsageRepository } from './usage.repository.js';

const DOWN = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
const AT = Date.UTC(2026, 10, 21, 12);

describe('the usage book', () => {
  let testing: TestDatabase;
  let database: Database;
  const errors: object[] = [];
  const logger = { warn: () => undefined, error: (fields: object) => void errors.push(fields) } as unknown as Logger;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [Accounting1763800100000] });
    ({ database } = await testing.connect());
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => testing.close());

  const metrics = new Metrics();
  const setAside = new SetAside(metrics, logger);
  const open = () => new UsageBook(database, logger, setAside);
  let tenants = 0;
  const tenant = () => `ten_${++tenants}`;
  const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costMicroUsd: 7 };
  const call = (tenantId: string, userId = 'u') => ({
    tenantId,
    provider: 'p',
    model: 'm',
    attribution: { userId },
    failed: false,
    unreported: false,
    usage,
    at: AT,
  });
  const total = async (tenantId: string) => {
    const ctx = { tenantId } as RequestContext;
    const period = { from: '2026-11-21', to: '2026-11-21' };
    return (await new UsageRepository().list(database.manager, ctx, period, [], {}, 10))[0];
  };

  it('adds what gathered to what others wrote, with one statement', async () => {
    const [one, other, id] = [open(), open(), tenant()];
    const query = jest.spyOn(database.pool, 'query');
    for (let i = 0; i < 100; i++) one.add(call(id, `u${i % 3}`));
    other.add(call(id, 'u1'));
    await Promise.all([one.flush(), one.flush(), other.flush()]);
    expect(query).toHaveBeenCalledTimes(2);
    await one.flush();
    expect(query).toHaveBeenCalledTimes(2);
    expect(await total(id)).toMatchObject({ calls: 101, inputTokens: 1010, costMicroUsd: 707 });
  });

  it('keeps what cannot be written, and writes it once when the database is back', async () => {
    const [book, id] = [open(), tenant()];
    const query = jest.spyOn(database.pool, 'query');
    query.mockRejectedValueOnce(DOWN as never);
    book.add(call(id));
    await expect(book.flush()).rejects.toThrow('down');
    book.add(call(id));
    await book.flush();
    expect(await total(id)).toMatchObject({ calls: 2, costMicroUsd: 14 });
  });

  it('counts a write once whose answer was lost', async () => {
    const [book, id] = [open(), tenant()];
    const send = database.pool.query.bind(database.pool) as (...args: unknown[]) => Promise<unknown>;
    const query = jest.spyOn(database.pool, 'query');
    query.mockImplementationOnce((async (...args: unknown[]) => {
      await send(...args);
      throw DOWN;
    }) as never);
    book.add(call(id));
    await expect(book.flush()).rejects.toThrow('down');
    await book.flush();
    expect(await total(id)).toMatchObject({ calls: 1 });
  });

  it('writes by itself after a moment', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const [book, id] = [open(), tenant()];
      book.add(call(id));
      const written = new Promise((resolve) => {
        const send = database.pool.query.bind(database.pool) as (...args: unknown[]) => Promise<unknown>;
        jest.spyOn(database.pool, 'query').mockImplementationOnce(((...args: unknown[]) => {
          const sent = send(...args);
          void sent.then(resolve);
          return sent;
        }) as never);
      });
      jest.advanceTimersByTime(250);
      jest.useRealTimers();
      await written;
      expect(await total(id)).toMatchObject({ calls: 1 });
    } finally {
      jest.useRealTimers();
    }
  });

  it('sets aside the one entry that cannot be stored, says whose it is, and writes the others once', async () => {
    const [book, liar, other] = [open(), tenant(), tenant()];
    const query = jest.spyOn(database.pool, 'query');
    for (let i = 0; i < 30; i++) book.add(call(other, `u${i}`));
    book.add({ ...call(liar), usage: { ...usage, costMicroUsd: Number.NaN } });
    for (let i = 30; i < 60; i++) book.add(call(other, `u${i}`));
    await book.flush();
    expect(await total(other)).toMatchObject({ calls: 60, costMicroUsd: 420 });
    expect(await total(liar)).toMatchObject({ calls: 0 });
    expect(errors.splice(0)).toEqual([
      { batch: 'usage', tenantId: liar, provider: 'p', day: '2026-11-21', code: '23502' },
    ]);
    expect(await metrics.registry.metrics()).toContain('batch_entries_set_aside_total{batch="usage"} 1');
    const tries = query.mock.calls.length;
    await book.flush();
    expect(query).toHaveBeenCalledTimes(tries);
  });

  it('repeats what the database lost while it looked for a bad entry, and counts nothing twice', async () => {
    const [book, liar, other] = [open(), tenant(), tenant()];
    const send = database.pool.query.bind(database.pool) as (...args: unknown[]) => Promise<unknown>;
    let tries = 0;
    jest.spyOn(database.pool, 'query').mockImplementation((async (...args: unknown[]) => {
      const done = await send(...args);
      // The answer to every second write is lost.
      if (++tries % 2 === 0) throw DOWN;
      return done;
    }) as never);
    for (let i = 0; i < 8; i++) book.add(call(other, `u${i}`));
    book.add({ ...call(liar), usage: { ...usage, inputTokens: 0.5 } });
    for (let flushes = 0; flushes < 20; flushes++) await book.flush().catch(() => undefined);
    jest.restoreAllMocks();
    expect(await total(other)).toMatchObject({ calls: 8, costMicroUsd: 56 });
    expect(errors.splice(0)).toMatchObject([{ tenantId: liar, code: '22P02' }]);
  });

  it('stands still at the largest sum instead of breaking', async () => {
    const [book, id] = [open(), tenant()];
    const most = { ...usage, inputTokens: Number.MAX_SAFE_INTEGER, costMicroUsd: Number.MAX_SAFE_INTEGER };
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) book.add({ ...call(id, `u${i}`), usage: most });
      await book.flush();
      book.add({ ...call(id, `u${i}`), usage: most });
    }
    await book.flush();
    const stored = { inputTokens: Number.MAX_SAFE_INTEGER, costMicroUsd: Number.MAX_SAFE_INTEGER, calls: 12 };
    expect(await total(id)).toMatchObject(stored);
    expect(errors).toEqual([]);
  });

  it('writes the last of it when it stops, or says what is lost', async () => {
    const [book, id] = [open(), tenant()];
    book.add(call(id));
    await book.stop();
    expect(await total(id)).toMatchObject({ calls: 1 });

    jest.spyOn(database.pool, 'query').mockRejectedValue(DOWN as never);
    const lost = open();
    lost.add(call(id));
    await lost.stop();
    expect(errors).toMatchObject([{ lost: [{ tenant_id: id, calls: 1 }] }]);
  });
});
