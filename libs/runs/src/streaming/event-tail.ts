import { Injectable } from '@nestjs/common';
import { AppError, type RequestContext } from '@guildhall/sdk';
import { type RunEvent, isLastEvent } from '../run-event.js';
import { isTerminal } from '../run.js';
import { RunEventRepository } from './run-event.repository.js';
import { RunSignals } from './run-signals.js';
import { RunWatch } from './run-watch.js';

/** What is in memory of a stream; of streams there may be many. */
const PAGE = { limit: 500, maxBytes: 256 * 1024 };
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
    private readonly watch: RunWatch,
  ) {}

  /**
   * Pages of events as they come; an empty one every 15 s in which nothing did. Ends after the last event, or at a beat
   * at which nothing more can come: the run was deleted, or ended before the place that the reader named.
   */
  async *follow(ctx: RequestContext, options: TailOptions): AsyncGenerator<readonly RunEvent[], void, void> {
    const { runId, threadId, signal } = options;
    let { after } = options;
    let beatAt = performance.now() + HEARTBEAT_MS;
    // Whoever comes back with the id of the last event has had them all.
    if (after > 0 && (await this.isOver(ctx, runId, after))) return;
    while (!signal.aborted) {
      const listening = this.signals.listen(runId, signal);
      try {
        const { items: page, hasMore } = await this.events.after(ctx, { runId, threadId }, after, PAGE);
        const last = page.at(-1);
        if (last) {
          after = last.seq;
          yield page;
          beatAt = performance.now() + HEARTBEAT_MS;
          if (isLastEvent(last.type) && (await this.isOver(ctx, runId, after))) return;
          if (hasMore) continue;
        }
        const unwatch = this.watch.watch({ tenantId: ctx.tenantId, runId, seen: after, wake: listening.hear });
        try {
          while (!(await listening.heardWithin(beatAt - performance.now()))) {
            if (await this.isOver(ctx, runId, after)) return;
            yield [];
            beatAt = performance.now() + HEARTBEAT_MS;
          }
        } finally {
          unwatch();
        }
      } finally {
        listening.stop();
      }
    }
  }

  /** A retried run goes on after what was its last event. A run that is gone is over; one that cannot be seen is not. */
  private async isOver(ctx: RequestContext, runId: string, seq: number): Promise<boolean> {
    try {
      const { status, lastSeq } = await this.events.position(ctx, runId);
      return isTerminal(status) && lastSeq <= seq;
    } catch (error) {
      return AppError.is(error) && error.category === 'not_found';
    }
  }
}
