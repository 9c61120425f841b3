import { Injectable } from '@nestjs/common';
import type { RequestContext } from '@guildhall/sdk';
import { type RunEvent, isLastEvent } from '../run-event.js';
import { isTerminal } from '../run.js';
import { RunEventRepository } from './run-event.repository.js';
import { RunSignals } from './run-signals.js';

const PAGE = 500;
/** How late an event may be seen when its notification is lost. */
const POLL_MS = 2_000;
const HEARTBEAT_MS = 15_000;

export interface TailOptions {
  readonly runId: string;
  readonly threadId: string;
  readonly after: number;
  /** Ends the tail, wherever it is. */
  readonly signal: AbortSignal;
}

/** Follows a run's events from any point on, in whichever process they are made. */
@Injectable()
export class EventTail {
  constructor(
    private readonly events: RunEventRepository,
    private readonly signals: RunSignals,
  ) {}

  /** Pages of events as they come; an empty one every 15 s in which nothing did. Ends after the last event. */
  async *follow(ctx: RequestContext, options: TailOptions): AsyncGenerator<readonly RunEvent[], void, void> {
    const { runId, threadId, signal } = options;
    let { after } = options;
    let quietSince = performance.now();
    // Whoever comes back with the id of the last event has had them all.
    if (after > 0 && (await this.isOver(ctx, runId, after))) return;
    while (!signal.aborted) {
      const untilHeartbeat = quietSince + HEARTBEAT_MS - performance.now();
      const listening = this.signals.listen(runId, Math.min(POLL_MS, Math.max(untilHeartbeat, 0)), signal);
      try {
        const page = await this.events.after(ctx, runId, threadId, after, PAGE);
        const last = page.at(-1);
        if (last) {
          after = last.seq;
          yield page;
          quietSince = performance.now();
          if (isLastEvent(last.type) && (await this.isOver(ctx, runId, after))) return;
          if (page.length === PAGE) continue;
        } else if (performance.now() - quietSince >= HEARTBEAT_MS) {
          yield [];
          quietSince = performance.now();
        }
        await listening.changed;
      } finally {
        listening.stop();
      }
    }
  }

  /** A retried run goes on after what was its last event. */
  private async isOver(ctx: RequestContext, runId: string, seq: number): Promise<boolean> {
    const { status, lastSeq } = await this.events.position(ctx, runId);
    return isTerminal(status) && lastSeq <= seq;
  }
}
