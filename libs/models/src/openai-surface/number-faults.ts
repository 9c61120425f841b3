import { type ErrorDetail, MAX_CHOICES, MAX_OUTPUT_TOKENS, MAX_SEED } from '@guildhall/sdk';
import type { Fields } from './faults.js';

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

// -1 is how clients of local servers say "as long as it likes".
const TOKENS: Bounds = { min: -1, max: MAX_OUTPUT_TOKENS, whole: true };
const PENALTY: Bounds = { min: -2, max: 2 };

/** As OpenAI bounds them, on whichever of its routes they stand. */
const NUMBERS: Readonly<Record<string, Bounds>> = {
  n: { min: 1, max: MAX_CHOICES, whole: true },
  best_of: { min: 1, max: MAX_CHOICES, whole: true },
  max_tokens: TOKENS,
  max_completion_tokens: TOKENS,
  max_output_tokens: { ...TOKENS, min: 1 },
  max_tool_calls: { min: 1, max: 1000, whole: true },
  top_logprobs: { min: 0, max: 20, whole: true },
  seed: { min: -MAX_SEED, max: MAX_SEED, whole: true },
  temperature: { min: 0, max: 2 },
  top_p: { min: 0, max: 1 },
  frequency_penalty: PENALTY,
  presence_penalty: PENALTY,
  speed: { min: 0.25, max: 4 },
};

/** The numbers of a request that are none, or too large or small. Null is absence. */
export function numberFaults(body: Fields): ErrorDetail[] {
  return Object.entries(NUMBERS).flatMap(([path, { min, max, whole = false }]) => {
    const value = body[path] ?? undefined;
    if (value === undefined) return [];
    const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
    const message = `${path} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`;
    return fits ? [] : [{ path, code: 'invalid_value', message }];
  });
}
