/** `events`: what the bus carries. `runs`: ids of runs that have something new. */
export type FanOutChannel = 'events' | 'runs';

export interface FanOutSubscriber {
  onMessage(message: string): void;
  /** Messages may have been missed. */
  onGap(): void;
}

/**
 * Tells the other processes, fast and without a promise: what matters is in the database, where everybody looks again
 * within two seconds. Nothing here throws or waits.
 */
export interface FanOut {
  /** Whether messages reach others, as far as is known. */
  readonly up: boolean;
  publish(channel: FanOutChannel, message: string): void;
  /** Hears the other processes, never this one. Returns the function that ends the subscription. */
  subscribe(channel: FanOutChannel, subscriber: FanOutSubscriber): () => void;
}

export const FAN_OUT = Symbol.for('guildhall.fan-out');

/** Where there is nobody to tell, or no other way than the database's own notifications. */
export const NO_FAN_OUT: FanOut = { up: false, publish: () => {}, subscribe: () => () => {} };
