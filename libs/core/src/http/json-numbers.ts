import type { ErrorDetail } from '@guildhall/sdk';

const DIGITS_ALWAYS_KEPT = 15;

/** As Node 24 calls it; the types of the language do not know yet that it is told the source. */
type Reviver = (this: object, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** The end of the number in JSON text that begins at `start`. */
export function endOfNumber(bytes: Buffer, start: number): number {
  let end = start + 1;
  while (end < bytes.length && isOfNumber(bytes[end]!)) end++;
  return end;
}

/** Whether a number is worth a closer look: there may be millions of short ones. */
export function mayChange(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > DIGITS_ALWAYS_KEPT) return true;
  for (let i = start; i < end; i++) if ((bytes[i]! | 0x20) === 0x65) return true;
  return false;
}

/**
 * Whether a number of JSON text comes back as it was sent. What is sent as an integer has all of its digits (ids have
 * them all), and no number becomes 0 or infinite; fractions are rounded to the 15 to 17 digits that a double has.
 */
export function isKept(source: string): boolean {
  if (source.length <= DIGITS_ALWAYS_KEPT && !/[eE]/.test(source)) return true;
  const value = Number(source);
  if (!Number.isFinite(value)) return false;
  if (value === 0) return !/[1-9]/.test(source.split(/[eE]/)[0]!);
  // Beyond 2^53 every double is an integer.
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER || decimal(source) === decimal(String(value));
}

/** One text for all ways to write a number: its digits without outer zeros, and the power of ten behind them. */
function decimal(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(
    source,
  )!;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = withoutZerosBehind(digits);
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** Not `/0+$/`: that looks from every zero anew. */
function withoutZerosBehind(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** Digits, `+ - . e E`. */
function isOfNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65;
}

/** The numbers of valid JSON text that are not kept. Reads the text again, and how each number is written: rarely needed. */
export function changedNumbers(text: string, place: string): ErrorDetail[] {
  const changed = new Map<object, Set<string>>();
  const look: Reviver = function (key, value, { source }) {
    if (typeof value === 'number' && !isKept(source!)) changed.set(this, (changed.get(this) ?? new Set()).add(key));
    return value;
  };
  const root: unknown = JSON.parse(text, look as Parameters<typeof JSON.parse>[1]);
  const faults: ErrorDetail[] = [];
  const visit = (value: unknown, path: string, isChanged: boolean): void => {
    if (isChanged) faults.push({ path, code: 'number_out_of_range', message: NUMBER_REMEDY });
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : joinPath(path, key);
      visit(inner, at, changed.get(value)?.has(key) ?? false);
    }
  };
  visit(root, place, typeof root === 'number');
  return faults;
}

const NUMBER_REMEDY = 'Send it as a string: as a JSON number it would come back as another one';

export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
