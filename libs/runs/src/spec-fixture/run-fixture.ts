import type { Database } from '@guildhall/core';
import type { ToolCall, ToolResult } from '@guildhall/sdk';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { RUN_MIGRATIONS } from '../migrations/run-migrations.js';
import { FakeWorld, type Harness, type HarnessOptions, contextOf, harness, replyOf } from '../run-harness.js';
import type { Delivery } from '../run.service.js';
import type { Run } from '../run.js';

export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** The events of a run of one model call. */
export const EVENTS_OF_ONE_CALL = [
  '1 run.created',
  '2 run.started',
  '3 step.started',
  '4 provider.selected',
  '5 message.delta',
  '6 message.completed',
  '7 usage.updated',
  '8 step.completed',
  '9 run.succeeded',
];

/** A database with the tables of runs for the specs of one block, and what they do with the processes that share it. */
export function useRunFixture() {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  const ctx = contextOf();
  const sql = async (text: string, values: unknown[] = []) => (await database.pool.query(text, values)).rows;
  const processOf = (world = new FakeWorld(), options?: HarnessOptions) => harness(database, world, options);
  const start = ({ service }: Harness, delivery: Delivery = 'wait', more: object = {}) =>
    service.start(ctx, { agentId: 'agt_test', input: { text: 'hi' }, ...more }, delivery);
  const finish = async (process: Harness, more: object = {}): Promise<Run> =>
    (await start(process, 'wait', more)).settled(5000);
  /** How the recorded steps of a run ended. */
  const stepEnds = async ({ runs }: Harness, runId: string) =>
    (await runs.steps(ctx, runId)).map(({ kind, status, error, finishedAt }) => {
      return { kind, status, code: error?.code, isFinished: finishedAt !== null };
    });
  /** As after kill -9 and the time a lease takes to run out. */
  const expireLease = (runId: string) =>
    sql(`UPDATE runs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`, [runId]);

  /** Claims what is there and waits for it to end. */
  async function goOn(process: Harness, runId: string): Promise<Run> {
    for (const claimed of await process.leases.claim(process.engine.owner, 10)) await process.engine.execute(claimed);
    return process.runs.get(ctx, runId);
  }

  /** The same, after a sweep. */
  async function takeOver(successor: Harness, runId: string): Promise<Run> {
    await successor.sweeper.sweep(ctx);
    return goOn(successor, runId);
  }

  /** A run whose process died while this call was at work; made again, it ends at once. */
  async function diedIn(call: ToolCall) {
    const world = new FakeWorld();
    world.respond = ({ messages }) =>
      messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [call]);
    const entered = Promise.withResolvers<void>();
    world.use = () => {
      entered.resolve();
      return never<ToolResult>();
    };
    const { run } = await start(processOf(world));
    await entered.promise;
    await expireLease(run.id);
    world.use = () => ({ ok: true, output: 'done', durationMs: 1 });
    return { world, run };
  }

  return {
    ctx,
    database: () => database,
    sql,
    processOf,
    start,
    finish,
    stepEnds,
    expireLease,
    goOn,
    takeOver,
    diedIn,
  };
}
