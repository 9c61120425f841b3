import { hash } from 'node:crypto';

/** A number in [0, 1) that the seed determines: chance that a replay meets again, with nothing to record. */
export function chance(seed: string): number {
  return hash('sha256', seed, 'buffer').readUIntBE(0, 6) / 2 ** 48;
}
