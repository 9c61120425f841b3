import { setTimeout as wait } from 'node:timers/promises';

/** Time and chance, so that tests need none. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 to just under 1. */
  random(): number;
}

export const CLOCK = Symbol('models.clock');

export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    await wait(ms, undefined, { signal }).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
  },
  random: () => Math.random(),
};

/** The share of a pause that is left to chance, so that those who wait do not all come back at once. */
const JITTER = 0.25;

/** A pause of at least `ms`. */
export const jittered = (clock: Clock, ms: number): number => Math.round(ms * (1 + JITTER * clock.random()));
