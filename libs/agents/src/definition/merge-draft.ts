import type { AgentDefinition } from '@guildhall/sdk';

const MERGED: ReadonlySet<string> = new Set(['limits', 'memory']);

/** A draft after a PATCH: given fields replace the old ones, `limits` and `memory` field by field; null resets to the default. */
export function mergeDraft(draft: AgentDefinition, patch: object): object {
  const merged: Record<string, unknown> = { ...draft };
  for (const [field, value] of Object.entries(patch)) {
    merged[field] = MERGED.has(field) && isObject(value) ? { ...(merged[field] as object), ...value } : value;
  }
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
