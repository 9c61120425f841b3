import type { OpenAPIObject } from '@nestjs/swagger';

/** What the steps of the OpenAPI document read and write of a JSON Schema. */
export interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  description?: string;
  default?: unknown;
  example?: unknown;
  enum?: readonly unknown[];
  required?: readonly string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

export type Schemas = Readonly<Record<string, Schema>>;

export interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: object;
}

export const schemasOf = (document: OpenAPIObject): Schemas => (document.components?.schemas ?? {}) as Schemas;

const NAME = /^#\/components\/schemas\//;

export const resolved = (schema: Schema, schemas: Schemas): Schema =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.replace(NAME, '')] ?? {});

/** The names of all schemas that these refer to, at any depth. */
export function namesWithin(schemas: Schemas, roots: readonly unknown[]): Set<string> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const name = '$ref' in part ? String(part.$ref).replace(NAME, '') : undefined;
    if (name !== undefined && !found.has(name)) {
      found.add(name);
      visit(schemas[name]);
    }
    Object.values(part).forEach(visit);
  };
  roots.forEach(visit);
  return found;
}
