import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '@guildhall/core';
import type { Logger } from '@guildhall/sdk';
import { type Place, RunEventRepository } from './run-event.repository.js';

/** An event whose notification is lost is news at most 2 s late: half a second is left for the look and the reading. */
const LOOK_EVERY_MS = 1_500;

export interface Watcher extends Place {
  readonly wake: () => void;
}

/** Finds what no notification told of: one look for all the runs that readers of this process wait for. */
@Injectable()
export class RunWatch {
  private readonly watchers = new Set<Watcher>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly events: RunEventRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Wakes the watcher at most 2 s after there is more than it has seen; returns the function that ends it. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    this.timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  }

  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const grown = await this.events.grown(this.leastSeen());
      for (const { runId, seen, wake } of this.watchers) if ((grown.get(runId) ?? 0) > seen) wake();
    } catch (error) {
      this.logger.warn({ err: error }, 'Cannot look for news of runs now; trying again');
    } finally {
      this.looking = false;
    }
  }

  /** A run may have many readers. */
  private leastSeen(): Iterable<Place> {
    const least = new Map<string, Place>();
    for (const watcher of this.watchers) {
      const known = least.get(watcher.runId);
      if (!known || watcher.seen < known.seen) least.set(watcher.runId, watcher);
    }
    return least.values();
  }
}
