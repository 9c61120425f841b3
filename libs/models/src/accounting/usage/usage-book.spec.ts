import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
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
    const [one, other, id] = [new UsageBook(database, logger), new UsageBook(database, logger), tenant()];
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
    const [book, id] = [new UsageBook(database, logger), tenant()];
    const query = jest.spyOn(database.pool, 'query');
    query.mockRejectedValueOnce(DOWN as never);
    book.add(call(id));
    await expect(book.flush()).rejects.toThrow('down');
    book.add(call(id));
    await book.flush();
    expect(await total(id)).toMatchObject({ calls: 2, costMicroUsd: 14 });
  });

  it('counts a write once whose answer was lost', async () => {
    const [book, id] = [new UsageBook(database, logger), tenant()];
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
      const [book, id] = [new UsageBook(database, logger), tenant()];
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

  it('writes the last of it when it stops, or says what is lost', async () => {
    const [book, id] = [new UsageBook(database, logger), tenant()];
    book.add(call(id));
    await book.stop();
    expect(await total(id)).toMatchObject({ calls: 1 });

    jest.spyOn(database.pool, 'query').mockRejectedValue(DOWN as never);
    const lost = new UsageBook(database, logger);
    lost.add(call(id));
    await lost.stop();
    expect(errors).toMatchObject([{ lost: [{ tenant_id: id, calls: 1 }] }]);
  });
});
