/** What a text was, or why it is not taken. */
export type ForeignJson = { readonly value: unknown } | { readonly fault: string };

const MAX_DEPTH = 32;
const MAX_CHARACTERS = 1024 * 1024;
const MAX_VALUES = 50_000;

/**
 * Reads JSON that a model wrote, within bounds: nesting that overflows a stack further down, values without number, a
 * field given twice and one that reaches a prototype are faults, in words that the model can mend them by.
 */
export function parseForeignJson(text: string): ForeignJson {
  if (text.length > MAX_CHARACTERS) {
    return { fault: `has ${text.length} characters and may have ${MAX_CHARACTERS}: make it shorter` };
  }
  const { depth, fields, values } = measure(text);
  if (depth > MAX_DEPTH) return { fault: `may nest ${MAX_DEPTH} objects and lists: make it flatter` };
  if (values > MAX_VALUES) return { fault: `may hold ${MAX_VALUES} values: make it shorter` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'is not JSON' };
  }
  const faults = new Set<string>();
  if (countFields(value, faults) < fields) faults.add('gives a field twice: name each field of an object once');
  const [fault] = faults;
  return fault === undefined ? { value } : { fault };
}

/** One pass over the text, before JSON.parse builds anything. What is no JSON may be measured wrongly. */
function measure(text: string): { depth: number; fields: number; values: number } {
  let open = 0;
  let depth = 0;
  let fields = 0;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (character === '{' || character === '[') depth = Math.max(depth, ++open);
    else if (character === '}' || character === ']') open--;
    else if (character === ':') fields++;
    else if (character === ',') values++;
  }
  return { depth, fields, values };
}

/** Of all objects together, however deep. */
function countFields(value: unknown, faults: Set<string>): number {
  // `1e999`: JSON.parse makes it infinite, and JSON.stringify of that is null.
  if (typeof value === 'number' && !Number.isFinite(value)) faults.add('has a number beyond 1.8e308');
  if (typeof value !== 'object' || value === null) return 0;
  let fields = 0;
  for (const [name, inner] of Object.entries(value)) {
    if (name === '__proto__') faults.add(`has a field '__proto__': rename it`);
    fields += countFields(inner, faults) + (Array.isArray(value) ? 0 : 1);
  }
  return fields;
}

/** Whether a value nests no deeper than that. */
export function isFlat(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isFlat(inner, depth - 1));
}
