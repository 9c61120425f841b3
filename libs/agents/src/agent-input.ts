import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
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

/** Throws all faults together: `invalid_reference` when only references are wrong. */
export function refuse(faults: readonly ErrorDetail[]): void {
  if (faults.length === 0) return;
  const onlyReferences = faults.every(({ code }) => code === 'invalid_reference');
  const summary = onlyReferences ? 'The agent refers to what does not exist' : 'The agent is not valid';
  const message = `${summary}: ${faults[0]!.path}: ${faults[0]!.message}`;
  throw new ValidationError(
    faults.length === 1 ? message : `${message} (and ${faults.length - 1} more)`,
    faults,
    onlyReferences ? 'invalid_reference' : 'validation_failed',
  );
}
