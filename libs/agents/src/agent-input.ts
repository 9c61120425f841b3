import { type ErrorDetail, UnavailableError, ValidationError } from '@guildhall/sdk';
import { validated } from './definition/faults.js';
import { PropertiesDto } from './definition/properties.dto.js';

const PROPERTIES: ReadonlySet<string> = new Set(['type', 'status', 'owner', 'isActive']);

export interface AgentInput {
  /** Everything but the properties, unread. */
  readonly definition: object;
  readonly properties: PropertiesDto;
  readonly faults: readonly ErrorDetail[];
}

/** Parts a body into the agent's own properties and its definition. */
export function readAgentInput(body: unknown): AgentInput {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const message = 'Send an agent as a JSON object, e.g. { "name": "support", "kind": "tool-loop" }';
    throw new ValidationError(message, [{ path: '', code: 'not_an_object', message }]);
  }
  const fields = Object.entries(body);
  const own = fields.filter(([name, value]) => PROPERTIES.has(name) && value !== null);
  const [properties, faults] = validated(PropertiesDto, Object.fromEntries(own));
  return {
    definition: Object.fromEntries(fields.filter(([name]) => !PROPERTIES.has(name))),
    properties,
    faults,
  };
}

/** Throws all faults together: `invalid_reference` or `plugin_unavailable` when nothing else is wrong. */
export function refuse(faults: readonly ErrorDetail[]): void {
  if (faults.length === 0) return;
  const areAll = (expected: string) => faults.every(({ code }) => code === expected);
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  const messageOf = (summary: string) => `${summary}: ${faults[0]!.path}: ${faults[0]!.message}${more}`;
  if (areAll('plugin_unavailable')) {
    throw new UnavailableError('plugin_unavailable', messageOf('The agent needs a plugin'), { details: faults });
  }
  if (areAll('invalid_reference')) {
    throw new ValidationError(messageOf('The agent refers to what does not exist'), faults, 'invalid_reference');
  }
  throw new ValidationError(messageOf('The agent is not valid'), faults);
}
