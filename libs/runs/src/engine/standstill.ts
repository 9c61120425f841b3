import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Injectable } from '@nestjs/common';

/** Shorter than any time limit of a call, so that after a standstill this comes before calls are tried again. */
const LOOK_EVERY_MS = 500;
/** Published by every undici of the process, Node's own `fetch` included, before the first byte of a request. */
const BEFORE_SENDING = 'undici:client:sendHeaders';

/**
 * Notices that this process stood still: was stopped, paused, or kept busy by one piece of code. A timer alone would be
 * too late, because whatever was due at that moment goes on first; so it is looked for before every request as well.
 */
@Injectable()
export class Standstill {
  private last = performance.now();
  private limitMs = Infinity;
  private onLong: () => void = () => {};

  /** Calls `onLong` after each standstill of at least `limitMs`. Returns what ends the watch. */
  watch(limitMs: number, onLong: () => void): () => void {
    this.last = performance.now();
    this.limitMs = limitMs;
    this.onLong = onLong;
    const look = () => this.look();
    const timer = setInterval(look, LOOK_EVERY_MS).unref();
    subscribe(BEFORE_SENDING, look);
    return () => {
      clearInterval(timer);
      unsubscribe(BEFORE_SENDING, look);
      this.limitMs = Infinity;
    };
  }

  /** To be called before anything is done that another process may be doing by now. */
  look(): void {
    const now = performance.now();
    const stoodStillMs = now - this.last;
    this.last = now;
    if (stoodStillMs >= this.limitMs) this.onLong();
  }
}
