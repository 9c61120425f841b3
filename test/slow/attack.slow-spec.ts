import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { ATTACKS } from './attack/attacks.js';
import { ordinaryWork, serverErrors } from './attack/ordinary-work.js';
import { type Battlefield, startBattlefield } from './attack/tenants.js';

const ATTACK_MS = 2000;

jest.setTimeout(300_000);

describe('a server that one tenant attacks', () => {
  let field: Battlefield;
  let database: TestDatabase | undefined;

  beforeAll(async () => {
    if (process.env['TEST_DATABASE_URL'] !== undefined) database = await testDatabase();
    field = await startBattlefield(database?.url ?? 'pglite:memory');
  });
  afterAll(async () => {
    await field?.close();
    await database?.close();
  });

  /** Every answer of the probe until the signal. */
  async function probes(signal: AbortSignal): Promise<Set<number>> {
    const statuses = new Set<number>();
    while (!signal.aborted) {
      const answer = await fetch(`${field.server.url}/health/live`);
      await answer.arrayBuffer();
      statuses.add(answer.status);
    }
    return statuses;
  }

  it.each(Object.keys(ATTACKS))('works for another tenant, and says that it lives: %s', async (name) => {
    const signal = AbortSignal.timeout(ATTACK_MS);
    const [answers, alive] = await Promise.all([
      ordinaryWork(field.other, signal),
      probes(signal),
      ATTACKS[name]!(field.attacker, signal),
    ]);
    expect(answers.length).toBeGreaterThan(0);
    expect(serverErrors(answers)).toBe(0);
    expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
    expect([...alive]).toEqual([200]);
  });
});
