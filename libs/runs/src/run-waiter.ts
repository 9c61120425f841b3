import { Injectable } from '@nestjs/common';
import type { RequestContext } from '@guildhall/sdk';
import { RunRepository } from './run.repository.js';
import { type Run, type RunStatus, isTerminal } from './run.js';
import { RunSignals } from './streaming/run-signals.js';

/** How long a change may stay unnoticed when no notification comes. */
const POLL_MS = 1_000;

const rests = (status: RunStatus): boolean =>
  isTerminal(status) || status === 'waiting' || status === 'needs_attention';

/** Waits for runs, whichever process works on them. */
@Injectable()
export class RunWaiter {
  constructor(
    private readonly runs: RunRepository,
    private readonly signals: RunSignals,
  ) {}

  /** The run as soon as it has ended or needs somebody, or as it is when the time is up. */
  async settled(ctx: RequestContext, runId: string, timeoutMs: number): Promise<Run> {
    return this.until(ctx, runId, timeoutMs, ({ status }) => rests(status));
  }

  async until(ctx: RequestContext, runId: string, timeoutMs: number, done: (run: Run) => boolean): Promise<Run> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const left = deadline - performance.now();
      const listening = this.signals.listen(runId, ctx.signal);
      try {
        const run = await this.runs.get(ctx, runId);
        if (done(run) || left <= 0) return run;
        await listening.heardWithin(Math.min(POLL_MS, left));
        ctx.signal.throwIfAborted();
      } finally {
        listening.stop();
      }
    }
  }

  /** The result of `work`, or undefined when it takes longer. `work` goes on. */
  async within<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T | undefined> {
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
