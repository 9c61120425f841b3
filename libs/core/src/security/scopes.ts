import { type Actor, hasScope } from '@guildhall/sdk';

const AREAS = ['agents', 'runs', 'knowledge', 'memory', 'tools', 'integrations', 'models'] as const;

/** Every scope that a key can hold (api.md §9). */
export const SCOPES: readonly string[] = [
  ...AREAS.flatMap((area) => [`${area}:read`, `${area}:write`]),
  'knowledge:groups',
  'runs:approve',
  'operations:read',
  'admin',
  '*',
];

/** The asked-for scopes that the actor does not hold itself, and so cannot grant. */
export function scopesBeyond(actor: Actor, asked: readonly string[]): string[] {
  return asked.filter((scope) => !hasScope(actor, scope));
}
