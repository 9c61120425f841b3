import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import type { Accepted } from '../load.js';
import type { Scenario } from '../stage.js';

const ON_BUSY = ['enqueue', 'interrupt', 'rollback'] as const;
const one = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;

/** Runs that share threads, wait for people, are cancelled, displaced and deleted, while their workers die. */
export const conversations: Scenario = {
  name: 'conversations',
  promise: 'Threads, interrupts, cancelling and deleting stay exact while workers die (P2, P4, P10)',
  bar: 'no thread left blocked, nobody waits for nothing, no wish to cancel lost, no row of a deleted run left',
  limitMs: { small: 240_000, full: 900_000 },
  async run(stage) {
    const house = await House.open(stage, {
      apis: 2,
      workers: 2,
      env: { RUN_LEASE_MS: String(stage.size(3_000, 15_000)) },
    });
    const agentId = await house.agent({ approvals: [{ tool: 'ledger.idempotent', when: 'always' }] });
    const end = performance.now() + stage.size(20_000, 300_000);
    const people = new People(house, agentId, () => performance.now() < end);
    let kills = 0;
    const killing = (async () => {
      while (performance.now() < end) {
        await sleep(stage.size(3_000, 8_000) * (0.5 + Math.random()));
        await house.end(house.workers[0]!, 'SIGKILL');
        await house.add('worker');
        kills++;
      }
    })();
    await Promise.all([killing, ...Array.from({ length: 8 }, () => people.talk()), people.decide()]);
    const deciding = people.decide(stage.size(15_000, 40_000));
    const kept = people.accepted.filter(({ threadId }) => !people.deleted.has(threadId));
    const [{ breaches, byStatus }] = await Promise.all([checkInvariants(house, kept, 90_000), deciding]);
    const ends = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
    return {
      figure: `${people.accepted.length} runs on shared threads (${ends.join(', ')}), ${people.deleted.size} threads deleted, ${people.answers} answers, ${kills} workers killed`,
      breaches: [...breaches, ...(await leftBehind(house)), ...people.surprises],
    };
  },
};

interface Spoken extends Accepted {
  readonly threadId: string;
}

/** Who talks in threads, changes their mind, and answers what is asked. */
class People {
  readonly accepted: Spoken[] = [];
  readonly deleted = new Set<string>();
  readonly surprises: string[] = [];
  answers = 0;

  constructor(
    private readonly house: House,
    private readonly agentId: string,
    private readonly goesOn: () => boolean,
  ) {}

  /** Says the next thing in a thread before the last is answered; at times cancels a run, or leaves for a new thread. */
  async talk(): Promise<void> {
    let threadId = await this.thread();
    while (this.goesOn()) {
      const spoken = await this.say(threadId);
      await sleep(Math.random() * 400);
      if (spoken && Math.random() < 0.2) await this.expect([200, 404, 409], 'POST', `/runs/${spoken.id}/cancel`);
      if (Math.random() > 0.02) continue;
      this.deleted.add(threadId);
      await this.expect([204, 404], 'DELETE', `/threads/${threadId}`);
      threadId = await this.thread();
    }
  }

  /** Answers every question that is open; goes on for so much longer than the others talk. */
  async decide(longerMs = 0): Promise<void> {
    const until = performance.now() + longerMs;
    while (this.goesOn() || performance.now() < until) {
      const open = (await this.house.get('/interrupts?limit=100')).data as { id: string; kind: string }[];
      for (const { id, kind } of open) {
        const decision = kind === 'approval' ? one(['approve', 'approve', 'reject']) : 'retry';
        const body = { decision };
        await this.expect([200, 202, 404, 409], 'POST', `/interrupts/${id}/respond`, body);
        this.answers++;
      }
      await sleep(100);
    }
  }

  private async thread(): Promise<string> {
    return (await this.expect([201], 'POST', '/threads', {})).data.id as string;
  }

  private async say(threadId: string): Promise<Spoken | undefined> {
    const plan = { run: `c${randomUUID()}`, tools: one([['idempotent'], ['read'], []] as const), modelMs: 100 };
    const body = { agentId: this.agentId, input: JSON.stringify(plan), onBusy: one(ON_BUSY) };
    const { data } = await this.expect([200, 202], 'POST', `/threads/${threadId}/runs`, body);
    const spoken = { id: data.id as string, threadId, plan, at: Date.now() };
    this.accepted.push(spoken);
    return spoken;
  }

  private async expect(statuses: readonly number[], method: string, path: string, body?: object) {
    const keyed = method === 'POST' ? { headers: { 'idempotency-key': randomUUID() } } : {};
    const answer = await this.house.request(method, path, { ...keyed, ...(body ? { body } : {}) });
    if (!statuses.includes(answer.status)) {
      this.surprises.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }
}

/** What only the tables show. */
async function leftBehind(house: House): Promise<string[]> {
  const questions: Readonly<Record<string, string>> = {
    'threads held by a run that has ended': `SELECT t.id FROM threads t LEFT JOIN runs r ON r.id = t.active_run_id
      WHERE t.active_run_id IS NOT NULL AND (r.id IS NULL OR r.status IN ('succeeded', 'failed', 'cancelled'))`,
    'threads whose backlog is miscounted': `SELECT id FROM threads t WHERE backlog <>
      (SELECT count(*) FROM runs r WHERE r.thread_id = t.id AND r.status = 'queued' AND NOT r.ready)`,
    'runs that wait for nothing': `SELECT id FROM runs r WHERE status IN ('waiting', 'needs_attention')
      AND NOT EXISTS (SELECT FROM interrupts i WHERE i.run_id = r.id AND i.status = 'pending')`,
    'runs that should have been cancelled': `SELECT id FROM runs WHERE cancel_requested_at IS NOT NULL
      AND status NOT IN ('succeeded', 'failed', 'cancelled')`,
    ...Object.fromEntries(
      ['run_events', 'run_steps', 'interrupts'].map((table) => [
        `rows of ${table} whose run is gone`,
        `SELECT run_id FROM ${table} WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = run_id)`,
      ]),
    ),
  };
  const found = Object.entries(questions).map(async ([what, sql]) => {
    const rows = await house.postgres.query<{ id?: string; run_id?: string }>(sql);
    return rows.length === 0 ? [] : [`${rows.length} ${what}: ${rows[0]!.id ?? rows[0]!.run_id}`];
  });
  return (await Promise.all(found)).flat();
}
