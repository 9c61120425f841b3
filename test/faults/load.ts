import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, sendPatiently } from './client.js';
import type { House } from './house.js';
import type { Plan } from './planned-model.js';

/** A run that the server said yes to. */
export interface Accepted {
  readonly id: string;
  readonly plan: Plan;
  readonly at: number;
}

export interface LoadOptions {
  readonly agentId: string;
  readonly plan: (run: string) => Plan;
  /** Clients that start one run after the other. */
  readonly clients?: number;
  /** Between two runs of a client. */
  readonly pauseMs?: number;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of all loads, so that no two runs in one ledger share a name. */
let named = 0;

/** Clients that start runs as clients should: with an idempotency key, again when no answer came. */
export class Load {
  readonly accepted: Accepted[] = [];
  /** Requests that were never answered with a yes. */
  readonly refused: string[] = [];
  /** Answers that no client should see, whatever happens to the servers. */
  readonly improper: string[] = [];
  /** How long each answer of any kind took, ms. */
  readonly latencies: number[] = [];
  readonly statuses = new Map<number, number>();
  private stopped = false;
  private clients: Promise<void>[] = [];

  constructor(
    private readonly house: House,
    private readonly options: LoadOptions,
  ) {}

  start(): this {
    const { clients = 4, pauseMs = 20 } = this.options;
    this.clients = Array.from({ length: clients }, async () => {
      while (!this.stopped) {
        await this.one();
        await sleep(pauseMs * (0.5 + Math.random()));
      }
    });
    return this;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  /** Starts one run; resolves when it is accepted or refused for good. */
  async one(plan = this.options.plan(`r${++named}`)): Promise<Accepted | undefined> {
    const { agentId, key } = this.options;
    const headers = { ...this.options.headers, 'idempotency-key': randomUUID() };
    const body = { agentId, input: JSON.stringify(plan) };
    try {
      const answer = await sendPatiently('POST', () => this.house.url('/api/v1/runs'), {
        body,
        headers,
        ...(key === undefined ? {} : { key }),
        onAnswer: (each) => this.look(each),
      });
      // 200: the first answer was lost, and the run it spoke of has ended since.
      if (answer.status !== 202 && answer.status !== 200) {
        this.refused.push(`${plan.run}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return undefined;
      }
      const accepted = { id: answer.body.data.id as string, plan, at: Date.now() };
      this.accepted.push(accepted);
      return accepted;
    } catch (error) {
      this.refused.push(`${plan.run}: ${String(error)} ${String((error as Error).cause)}`);
      return undefined;
    }
  }

  private look({ status, headers, ms, body }: Answer): void {
    this.latencies.push(ms);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const proper = status < 500 || ((status === 503 || status === 504) && headers.get('retry-after') !== null);
    if (!proper) this.improper.push(`${status} ${JSON.stringify(body)}`);
  }
}
