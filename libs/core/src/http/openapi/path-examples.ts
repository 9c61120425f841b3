import type { OpenAPIObject } from '@nestjs/swagger';
import { type Media, type Schema, type Schemas, resolved, schemasOf } from './schema.js';

interface Parameter {
  readonly in?: string;
  readonly name?: string;
  example?: unknown;
  schema?: Schema;
}
interface Answer {
  readonly content?: Readonly<Record<string, Media>>;
}

/** Gives each parameter in a path the id that the examples of its object have: `{id}` of `/agents/{id}/versions` an agent's. */
export function exemplifyPaths(document: OpenAPIObject): void {
  const schemas = schemasOf(document);
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item) as { parameters?: Parameter[] }[]) {
      for (const parameter of operation.parameters ?? []) {
        if (parameter.in !== 'path' || (parameter.example ?? parameter.schema?.example) !== undefined) continue;
        const place = path.slice(0, path.indexOf(`/{${parameter.name}}`));
        const example = idOf(document, `${place}/{${parameter.name}}`, schemas) ?? idOf(document, place, schemas);
        if (example !== undefined) parameter.example = example;
      }
    }
  }
}

/** Of the object that a path shows, or of those it lists. */
function idOf(document: OpenAPIObject, path: string, schemas: Schemas): unknown {
  const answer = document.paths[path]?.get?.responses['200'] as Answer | undefined;
  const data = answer?.content?.['application/json']?.schema?.properties?.['data'];
  return data && resolved(data.items ?? data, schemas).properties?.['id']?.example;
}
