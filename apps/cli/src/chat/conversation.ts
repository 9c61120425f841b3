import { randomUUID } from 'node:crypto';
import { patiently } from '../server/patiently.js';
import type { Server } from '../server/server.js';
import { answerInterrupts } from './answer-interrupts.js';
import type { InputLines } from './input-lines.js';
import { runEvents } from './run-events.js';
import { RunView } from './run-view.js';

interface Run {
  readonly id: string;
  readonly threadId: string;
}

/** One thread with an agent: a run for each thing that is said. */
export class Conversation {
  private readonly leaving = new AbortController();
  private cancelling = new AbortController();
  private run?: Run;

  constructor(
    private readonly server: Server,
    private readonly agentId: string,
    private readonly write: (text: string) => unknown,
    /** Undefined until something was said, unless an earlier one goes on. */
    public threadId: string | undefined,
  ) {}

  /** Ends when it is to be left: the last was said, or interrupted twice. */
  get left(): AbortSignal {
    return this.leaving.signal;
  }

  /** Cancels the run; where there is none, or when it is said again, leaves. */
  interrupt(): void {
    if (this.run === undefined || this.cancelling.signal.aborted) return this.leaving.abort();
    this.cancelling.abort();
    this.write('\nCancelling; Ctrl-C again leaves.\n');
    const request = { method: 'POST', signal: this.left } as const;
    this.server.call(`/runs/${this.run.id}/cancel`, request).catch((error: unknown) => {
      if (!this.left.aborted) this.write(`${(error as Error).message}\n`);
    });
  }

  /** Whether it was answered. Questions of the run are put to whoever types the lines. */
  async say(text: string, lines: InputLines): Promise<boolean> {
    const view = new RunView(this.write);
    this.cancelling = new AbortController();
    this.run = await this.start(text);
    this.threadId = this.run.threadId;
    const asking = AbortSignal.any([this.left, this.cancelling.signal]);
    try {
      for await (const event of runEvents(this.server, this.run.id, this.left)) {
        view.take(event);
        if (event.type === 'run.succeeded') return true;
        const rests = event.type === 'run.waiting' || event.type === 'run.needs_attention';
        if (rests && !(await answerInterrupts(this.server, this.run.id, view, lines, asking))) return false;
      }
      return false;
    } finally {
      this.run = undefined;
    }
  }

  private async start(text: string): Promise<Run> {
    const { agentId, threadId, left: signal } = this;
    const body = { agentId, input: text, ...(threadId === undefined ? {} : { threadId }) };
    // The same key again after a lost answer: the same run.
    const headers = { 'idempotency-key': randomUUID() };
    const request = { method: 'POST', headers, body, signal } as const;
    return (await patiently(signal, () => this.server.call<Run>('/runs', request))).data;
  }
}
