import { Inject, Injectable } from '@nestjs/common';
import { FAN_OUT, type FanOut } from '@guildhall/core';
import { Listening } from './listening.js';

/** Tells whoever waits, here or in another process, that a run has something new. A hint: the truth is in the database. */
@Injectable()
export class RunSignals {
  private readonly waiting = new Map<string, Set<Listening>>();

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
    for (const { hear } of listeners) hear();
  }

  /** After a gap in listening: everybody had better look. */
  wakeAll(): void {
    for (const runId of this.waiting.keys()) this.wake(runId);
  }

  /**
   * Starts listening at once. Listen before looking at the database, else what happens in between is missed. An abort
   * of `signal` is news too.
   */
  listen(runId: string, signal: AbortSignal): Listening {
    const listeners = this.waiting.get(runId) ?? new Set();
    const listening = new Listening(() => {
      signal.removeEventListener('abort', listening.hear);
      listeners.delete(listening);
      if (listeners.size === 0 && this.waiting.get(runId) === listeners) this.waiting.delete(runId);
    });
    this.waiting.set(runId, listeners.add(listening));
    signal.addEventListener('abort', listening.hear, { once: true });
    if (signal.aborted) listening.hear();
    return listening;
  }
}
