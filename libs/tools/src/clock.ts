/** Milliseconds since the epoch. Injected, so that what depends on the time can be tested without waiting for it. */
export type Clock = () => number;

export const CLOCK = Symbol.for('guildhall.tools.clock');
