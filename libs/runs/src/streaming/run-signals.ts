import { Inject, Injectable } from '@nestjs/common';
import { FAN_OUT, type FanOut } from '@guildhall/core';

/** Tells whoever waits, here or in another process, that a run has something new. A hint: the truth is in the database. */
@Injectable()
export class RunSignals {
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(@Inject(FAN_OUT) private readonly fanOut: FanOut) {}

  /** Whether other processes can be told without the database. */
  get reachOthers(): boolean {
    return this.fanOut.up;
  }

  /** Hears the other processes; returns the function that ends it. */
  connect(): () => void {
    return this.fanOut.subscribe('runs', { onMessage: (runId) => this.wake(runId), onGap: () => this.wakeAll() });
  }

  wakeEverywhere(runId: string): void {
    this.wake(runId);
    this.fanOut.publish('runs', runId);
  }

  wake(runId: string): void {
    const listeners = this.waiting.get(runId);
    if (!listeners) return;
    this.waiting.delete(runId);
    for (const listener of listeners) listener();
  }

  /** After a gap in listening: everybody had better look. */
  wakeAll(): void {
    for (const runId of this.waiting.keys()) this.wake(runId);
  }

  /**
   * Starts listening at once; `changed` resolves at the next signal, after `timeoutMs`, or when `signal` aborts. Listen
   * before looking at the database, else what happens in between is missed.
   */
  listen(runId: string, timeoutMs: number, signal: AbortSignal): { readonly changed: Promise<void>; stop(): void } {
    let stop = () => {};
    const changed = new Promise<void>((resolve) => {
      const listeners = this.waiting.get(runId) ?? new Set();
      const timer = setTimeout(() => stop(), timeoutMs);
      stop = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        listeners.delete(stop);
        if (listeners.size === 0 && this.waiting.get(runId) === listeners) this.waiting.delete(runId);
        resolve();
      };
      this.waiting.set(runId, listeners.add(stop));
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
    return { changed, stop };
  }
}
