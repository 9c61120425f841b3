import { Injectable } from '@nestjs/common';
import { standAside } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { RunRepository } from './run.repository.js';
import { type Run, type RunStatus, isTerminal } from './run.js';
import { RunSignals } from './streaming/run-signals.js';
import { RunWatch } from './streaming/run-watch.js';

/** The watch over runs tells of what no notification told of. This is for a change that is no event. */
const POLL_MS = 5_000;

const rests = (status: RunStatus): boolean =>
  isTerminal(status) || status === 'waiting' || status === 'needs_attention';

/** Waits for runs, whichever process works on them. */
@Injectable()
export class RunWaiter {
  constructor(
    private readonly runs: RunRepository,
    private readonly signals: RunSignals,
    private readonly watch: RunWatch,
  ) {}

  /** The run as soon as it has ended or needs somebody, or as it is when the time is up. */
  async settled(ctx: RequestContext, runId: string, timeoutMs: number): Promise<Run> {
    return this.until(ctx, runId, timeoutMs, ({ status }) => rests(status));
  }

  /** The request of `ctx` holds no slot while it waits. */
  async until(ctx: RequestContext, runId: string, timeoutMs: number, done: (run: Run) => boolean): Promise<Run> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const left = deadline - performance.now();
      const listening = this.signals.listen(runId, ctx.signal);
      try {
        const { lastSeq: seen, ...run } = await this.runs.look(ctx, runId);
        if (done(run) || left <= 0) return run;
        standAside(ctx);
        const unwatch = this.watch.watch({ tenantId: ctx.tenantId, runId, seen, wake: listening.hear });
        await listening.heardWithin(Math.min(POLL_MS, left)).finally(unwatch);
        ctx.signal.throwIfAborted();
      } finally {
        listening.stop();
      }
    }
  }

  /** The result of `work`, or undefined when it takes longer. `work` goes on; the request holds no slot for it. */
  async within<T>(ctx: RequestContext, work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
    standAside(ctx);
    const { signal } = ctx;
    let timer: NodeJS.Timeout | undefined;
    let onAbort = () => {};
    const late = new Promise<undefined>((resolve, reject) => {
      timer = setTimeout(() => resolve(undefined), timeoutMs);
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
