import { randomFillSync } from 'node:crypto';

/** Prefixes of public ids (api.md §1). */
export type IdPrefix =
  | 'agt'
  | 'thr'
  | 'msg'
  | 'run'
  | 'stp'
  | 'int'
  | 'col'
  | 'doc'
  | 'chk'
  | 'mem'
  | 'tol'
  | 'mcp'
  | 'con'
  | 'key'
  | 'ten'
  | 'job'
  | 'bud'
  | 'evt'
  | 'resp'
  | 'req';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_LENGTH = 16;
const pool = Buffer.alloc(RANDOM_LENGTH * 256);
let used = pool.length;
let lastTime = 0;
let timeText = '';
let lastRandom: number[] = [];

/**
 * An opaque id that sorts by creation time: prefix, 10 characters of milliseconds, 16 random ones (80 bits), all
 * base 32. Ids made by one process within one millisecond ascend as well.
 */
export function newId(prefix: IdPrefix, now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    timeText = encodeTime(now);
    lastRandom = freshRandom();
  } else {
    lastRandom = increment(lastRandom);
  }
  let text = `${prefix}_${timeText}`;
  for (const digit of lastRandom) text += ALPHABET[digit];
  return text;
}

/** Whether `value` has the shape of an id with this prefix; says nothing of existence. */
export function isId(prefix: IdPrefix, value: string): boolean {
  return value.startsWith(`${prefix}_`) && /^[0-9a-hjkmnp-tv-z]{26}$/.test(value.slice(prefix.length + 1));
}

function encodeTime(time: number): string {
  let text = '';
  for (let rest = time, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text;
  return text;
}

function freshRandom(): number[] {
  if (used + RANDOM_LENGTH > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const digits = Array.from(pool.subarray(used, used + RANDOM_LENGTH), (byte) => byte & 31);
  used += RANDOM_LENGTH;
  return digits;
}

function increment(digits: readonly number[]): number[] {
  const next = [...digits];
  for (let i = next.length - 1; i >= 0; i--) {
    const digit = next[i]! + 1;
    next[i] = digit & 31;
    if (digit < 32) return next;
  }
  return freshRandom();
}
