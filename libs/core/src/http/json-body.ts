import { isUtf8 } from 'node:buffer';
import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
import { Errors } from '../errors/errors.js';
import { firstFaults } from '../errors/validation-faults.js';
import { changedNumbers, endOfNumber, isKept, joinPath, mayChange } from './json-numbers.js';

const MAX_DEPTH = 32;
const MAX_MEMBERS = 50_000;
const MAX_MEMBERS_OF_ONE = 2_000;
/** Names that reach a prototype. */
export const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses a JSON body and refuses what would hurt further down: nesting that overflows a stack, keys that reach a
 * prototype, a key given twice (which of the two was checked?), text that Postgres cannot store, and numbers that would
 * come back as others. `place` stands before the paths of faults: where in a request the JSON is, other than being its body.
 */
export function parseJsonBody(bytes: Buffer, place = ''): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw Errors.malformedJson('The body is not valid UTF-8');
  const text = bytes.toString('utf8');
  const { members, escapes, changed } = measure(bytes, place);
  const value = parse(text);
  const faults: ErrorDetail[] = changed ? changedNumbers(text, place) : [];
  // Text without escapes cannot hold NUL or half a character: JSON forbids the one, UTF-8 the other.
  const kept = inspect(value, place, escapes, faults);
  if (faults.length > 0) throw new ValidationError('The body holds what cannot be stored', firstFaults(faults));
  if (kept < members) {
    throw new ValidationError('The body gives a field twice', [
      { path: place, code: 'duplicate_field', message: 'Name each field of an object once' },
    ]);
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw Errors.malformedJson('The body is not valid JSON');
  }
}

interface Measures {
  readonly members: number;
  readonly escapes: boolean;
  /** Some number would come back as another. */
  readonly changed: boolean;
}

/** One pass over the bytes, before JSON.parse builds anything. */
function measure(bytes: Buffer, place: string): Measures {
  let depth = 0;
  let members = 0;
  let escapes = false;
  let changed = false;
  /** How many fields each object that is open has so far, by its depth. */
  const open = new Uint16Array(MAX_DEPTH + 1);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) {
      for (i++; i < bytes.length && bytes[i] !== 0x22; i++) {
        if (bytes[i] !== 0x5c) continue;
        escapes = true;
        i++;
      }
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) throw tooMuch(place, 'too_deep', `Nest at most ${MAX_DEPTH} objects and lists`);
      open[depth] = 0;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    } else if (byte === 0x3a) {
      const most = 'too_many_fields';
      if (++members > MAX_MEMBERS) throw tooMuch(place, most, `Send at most ${MAX_MEMBERS} fields`);
      if (++open[depth]! > MAX_MEMBERS_OF_ONE)
        throw tooMuch(place, most, `Give an object at most ${MAX_MEMBERS_OF_ONE} fields`);
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      const end = endOfNumber(bytes, i);
      changed ||= mayChange(bytes, i, end) && !isKept(bytes.toString('latin1', i, end));
      i = end - 1;
    }
  }
  return { members, escapes, changed };
}

/** Collects faults and returns how many fields the value has. */
function inspect(value: unknown, path: string, escapes: boolean, faults: ErrorDetail[]): number {
  if (typeof value === 'string') {
    if (escapes) inspectText(value, path, faults);
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  let fields = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      // There may be millions of numbers, and nothing is to be said of them.
      if (typeof item === 'object' || escapes) fields += inspect(item, `${path}[${i}]`, escapes, faults);
    }
    return fields;
  }
  for (const key of Object.keys(value)) {
    const inner = joinPath(path, key);
    if (FORBIDDEN_KEYS.has(key)) faults.push({ path: inner, code: 'forbidden_key', message: 'Rename this field' });
    else if (escapes) inspectText(key, inner, faults);
    fields += 1 + inspect((value as Record<string, unknown>)[key], inner, escapes, faults);
  }
  return fields;
}

function inspectText(text: string, path: string, faults: ErrorDetail[]): void {
  if (text.includes('\0')) faults.push({ path, code: 'nul_character', message: 'Remove the character U+0000' });
  else if (!text.isWellFormed())
    faults.push({ path, code: 'lone_surrogate', message: 'Remove the half of a character' });
}

function tooMuch(path: string, code: string, message: string): ValidationError {
  return new ValidationError('The body is too complex', [{ path, code, message }]);
}
