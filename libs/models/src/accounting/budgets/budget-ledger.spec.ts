import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { type Database, Metrics, SetAside } from '@guildhall/core';
import type { EventBus, Logger, RequestContext } from '@guildhall/sdk';
import { Accounting1763800100000 } from '../../migrations/0003-accounting.js';
import { systemClock } from '../../clock.js';
import type { BudgetDirectory } from './budget-directory.js';
import { BudgetGate } from './budget-gate.js';
import { BudgetLedger } from './budget-ledger.js';
import { BudgetRepository } from './budget.repository.js';
import { windowOf } from './budget-window.js';
import { type Limit, providerLimit } from './budget.js';
import { LedgerStore } from './ledger-store.js';

const AWAY = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
const errors: object[] = [];
const logger = { warn: () => undefined, error: (fields: object) => void errors.push(fields) } as unknown as Logger;
const setAside = new SetAside(new Metrics(), logger);

describe('the ledger of budgets', () => {
  let testing: TestDatabase;
  let database: Database;
  const told: object[] = [];
  const events = { emit: (_type: string, data: object) => void told.push(data) } as unknown as EventBus;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [Accounting1763800100000] });
    ({ database } = await testing.connect());
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => testing.close());

  let tenants = 0;
  /** Several processes of one tenant with these limits. */
  function house(...limits: Limit[]) {
    const tenantId = `ten_${++tenants}`;
    const controller = new AbortController();
    const ctx = { tenantId, signal: controller.signal } as RequestContext;
    const directory = { applying: async () => limits } as unknown as BudgetDirectory;
    const process = () => {
      const store = new LedgerStore(database);
      const ledger = new BudgetLedger(store, events, logger, setAside);
      return { store, ledger, gate: new BudgetGate(directory, ledger, systemClock) };
    };
    const call = async ({ gate }: ReturnType<typeof process>, cost: number, amount = 2 * cost) => {
      const held = await gate.hold(ctx, { id: 'p' }, {}, () => amount);
      held?.settle(cost);
      return held;
    };
    const balance = async (limit: Limit) => {
      const window = windowOf(limit.period, Date.now());
      return (await new BudgetRepository().balances(database.manager, ctx, [{ tenantId, limit, window }])).get(
        limit.id,
      );
    };
    return { ctx, controller, process, call, balance };
  }
  const limit = (id: string, most: number): Limit => ({ ...providerLimit(id, most), id, period: 'month' });

  it('asks the database nothing where no budget applies', async () => {
    const { process, call } = house();
    const query = jest.spyOn(database.pool, 'query');
    expect(await call(process(), 1)).toBeUndefined();
    expect(query).not.toHaveBeenCalled();
  });

  it('lets a hundred calls of two processes at once through a budget for one: one goes through', async () => {
    const month = limit('month', 10);
    const { process, call, balance } = house(month);
    const two = [process(), process()];
    const calls = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => call(two[i % 2]!, 10)));
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = calls.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refusals[0]).toMatchObject({
      code: 'budget_exceeded',
      category: 'rate_limit',
      retryAfterMs: expect.any(Number),
      message: expect.stringMatching(/^Cost limit exceeded: /),
    });
    for (const { ledger } of two) await ledger.settled();
    expect(await balance(month)).toEqual({ spent: 10, reserved: 0 });
    expect(told.filter((data) => 'budgetId' in data && data.budgetId === 'month')).toHaveLength(1);
  });

  it('lets calls that wait for room through one after another, never beyond the limit', async () => {
    const [small, large] = [limit('small', 30), limit('large', 1000)];
    const { process, call, balance } = house(small, large);
    const one = process();
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => call(one, 10, 25)));
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    await one.ledger.settled();
    expect(await balance(small)).toEqual({ spent: 30, reserved: 0 });
    expect(await balance(large)).toEqual({ spent: 30, reserved: 0 });
  });

  it('gives up waiting when the caller does', async () => {
    const { process, call, controller, ctx } = house(limit('busy', 5));
    const one = process();
    await one.gate.hold(ctx, { id: 'p' }, {}, () => 9);
    const waiting = call(one, 1);
    controller.abort(new Error('the client left'));
    await expect(waiting).rejects.toThrow('the client left');
  });

  it('refuses when the database cannot be asked', async () => {
    const { process, call } = house(limit('unknown', 100));
    const one = process();
    jest.spyOn(database.pool, 'query').mockRejectedValueOnce(AWAY as never);
    await expect(call(one, 1)).rejects.toMatchObject({ category: 'unavailable', code: 'database_unavailable' });
    jest.spyOn(database, 'transaction').mockRejectedValueOnce(AWAY);
    await expect(call(one, 1)).rejects.toMatchObject({ category: 'unavailable', code: 'database_unavailable' });
    await expect(call(one, 1)).resolves.toBeDefined();
    const blind = { applying: () => Promise.reject(AWAY) } as unknown as BudgetDirectory;
    const gate = new BudgetGate(blind, one.ledger, systemClock);
    await expect(call({ ...one, gate }, 1)).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  it('keeps a settlement while the database is away, and writes it once', async () => {
    const kept = limit('kept', 100);
    const { process, balance, ctx } = house(kept);
    const one = process();
    const held = await one.gate.hold(ctx, { id: 'p' }, {}, () => 40);
    jest.spyOn(database, 'transaction').mockRejectedValueOnce(AWAY);
    held!.settle(7);
    await one.ledger.settled();
    expect(await balance(kept)).toEqual({ spent: 0, reserved: 40 });
    await one.ledger.settled();
    expect(await balance(kept)).toEqual({ spent: 7, reserved: 0 });
  });

  it('settles once when the answer to a write was lost', async () => {
    const once = limit('once', 100);
    const { process, balance, ctx } = house(once);
    const one = process();
    const held = await one.gate.hold(ctx, { id: 'p' }, {}, () => 40);
    const write = one.store.write.bind(one.store);
    jest.spyOn(one.store, 'write').mockImplementationOnce(async (...args) => {
      await write(...args);
      throw AWAY;
    });
    held!.settle(7);
    await one.ledger.settled();
    await one.ledger.stop();
    expect(await balance(once)).toEqual({ spent: 7, reserved: 0 });
  });

  it('sets aside the one settlement that cannot be stored; calls of others go on', async () => {
    const [bad, good] = [limit('bad', 100), limit('good', 100)];
    const { process, call, balance, ctx } = house(bad);
    const other = house(good);
    const one = process();
    const held = await one.gate.hold(ctx, { id: 'p' }, {}, () => 40);
    held!.settle(Number.NaN);
    await expect(
      other.call(
        { ...one, gate: new BudgetGate({ applying: async () => [good] } as never, one.ledger, systemClock) },
        7,
      ),
    ).resolves.toBeDefined();
    await one.ledger.settled();
    expect(await other.balance(good)).toEqual({ spent: 7, reserved: 0 });
    expect(await balance(bad)).toEqual({ spent: 0, reserved: 40 });
    expect(errors).toEqual([{ batch: 'budgets', tenantId: ctx.tenantId, budgetIds: 'bad', code: '23502' }]);
    await expect(call(one, 7)).resolves.toBeDefined();
  });

  it('adds up the largest costs there are', async () => {
    const soft = { ...limit('soft', 100), hard: false };
    const { process, call, balance } = house(soft);
    const one = process();
    for (let i = 0; i < 3; i++) await call(one, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    await one.ledger.settled();
    expect(await balance(soft)).toEqual({ spent: Number.MAX_SAFE_INTEGER, reserved: 0 });
  });
});
