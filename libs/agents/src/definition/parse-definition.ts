import { z } from 'zod';
import type { AgentDefinition, AgentKindOptions, ErrorDetail, ModelReference } from '@guildhall/sdk';
import { zodFaults } from '@guildhall/core';
import { DefinitionDto } from './definition.dto.js';
import { validated } from './faults.js';
import type { ModelReferenceDto } from './model-reference.dto.js';

export interface ParsedDefinition {
  readonly definition: AgentDefinition;
  readonly faults: readonly ErrorDetail[];
}

const SHARED_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'kind',
  'description',
  'instructions',
  'model',
  'tools',
  'knowledge',
  'memory',
  'limits',
  'approvals',
  'outputSchema',
  'links',
  'metadata',
]);

/** Reads a definition with its defaults filled in, and everything that is wrong with it but its references. */
export function parseDefinition(input: object, kinds: readonly AgentKindOptions[]): ParsedDefinition {
  const fields = Object.entries(input).filter(([, value]) => value !== null);
  const shared = Object.fromEntries(fields.filter(([name]) => SHARED_FIELDS.has(name)));
  const own = Object.fromEntries(fields.filter(([name]) => !SHARED_FIELDS.has(name)));
  const [{ model, ...dto }, sharedFaults] = validated(DefinitionDto, shared);
  const ofKind = parseOwnFields(String(dto.kind), own, kinds);
  return {
    definition: toPlain({ ...dto, model: withRoute(model), ...ofKind.fields }),
    faults: [...sharedFaults, ...modelFaults(model), ...ofKind.faults],
  };
}

function parseOwnFields(kind: string, own: object, kinds: readonly AgentKindOptions[]) {
  const known = kinds.find((one) => one.kind === kind);
  if (!known) return { fields: {}, faults: [unknownKind(kind, kinds), ...nobodysFields(own, kinds)] };
  const parsed = (known.definition ?? z.object({})).strict().safeParse(own);
  if (parsed.success) return { fields: parsed.data as object, faults: [] };
  return { fields: {}, faults: zodFaults(parsed.error.issues, own, { whole: `an agent of kind '${kind}'` }) };
}

function unknownKind(kind: string, kinds: readonly AgentKindOptions[]): ErrorDetail {
  const allowed = kinds.map((one) => `'${one.kind}'`).toSorted();
  return { path: 'kind', code: 'unknown_kind', message: `'${kind}' is no kind of agent: use ${allowed.join(', ')}` };
}

/** Whichever kind was meant, it has no such field. Those that one of them has are judged when the kind is known. */
function nobodysFields(own: object, kinds: readonly AgentKindOptions[]): ErrorDetail[] {
  const owned = new Set(kinds.flatMap(({ definition }) => Object.keys(definition?.shape ?? {})));
  return Object.keys(own)
    .filter((field) => !owned.has(field))
    .map((field) => ({
      path: z.core.toDotPath([field]),
      code: 'unknown_field',
      message: `No kind of agent has a field '${field}'`,
    }));
}

function modelFaults({ route, provider, name }: ModelReferenceDto): ErrorDetail[] {
  if (provider === undefined)
    return name === undefined ? [] : [modelFault('provider', "A model's 'name' needs its 'provider'")];
  if (route !== undefined) return [modelFault('route', "Give either 'route', or 'provider' and 'name'")];
  return name === undefined ? [modelFault('name', "A pinned provider needs the 'name' of its model")] : [];
}

function modelFault(field: string, message: string): ErrorDetail {
  return { path: `model.${field}`, code: 'invalid_model', message };
}

function withRoute(model: ModelReferenceDto): ModelReference {
  return model.provider === undefined ? { ...model, route: model.route ?? 'default' } : model;
}

/** Plain JSON, as the database will give it back. */
function toPlain(definition: object): AgentDefinition {
  return JSON.parse(JSON.stringify(definition)) as AgentDefinition;
}
