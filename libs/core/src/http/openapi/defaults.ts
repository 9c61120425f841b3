import { type Schema, type Schemas, namesWithin } from './schema.js';

/** A request body, and whether it changes what is there: then a field that is left out stays as it is. */
export interface SentBody {
  readonly body: unknown;
  readonly isChange: boolean;
}

/**
 * Generators of clients take a field with a default for one that is always there. That is so where it comes back, which is
 * said; where it is sent it may be left out, so that its default is told in words.
 */
export function tellDefaults(schemas: Schemas, bodies: readonly SentBody[]): void {
  const sent = namesWithin(
    schemas,
    bodies.map(({ body }) => body),
  );
  const changes = namesWithin(
    shallow(schemas),
    bodies.filter(({ isChange }) => isChange).map(({ body }) => body),
  );
  for (const [name, schema] of Object.entries(schemas)) {
    for (const [field, part] of Object.entries(schema.properties ?? {})) {
      if (part.default === undefined) continue;
      if (!sent.has(name)) schema.required = [...new Set([...(schema.required ?? []), field])];
      else if (!changes.has(name)) part.description = inWords(part);
      delete part.default;
    }
  }
}

/** Schemas without what they refer to themselves. */
const shallow = (schemas: Schemas): Schemas => Object.fromEntries(Object.keys(schemas).map((name) => [name, {}]));

function inWords({ description, default: value }: Schema): string {
  const words = `Default: \`${JSON.stringify(value)}\`.`;
  return description === undefined ? words : `${description}\n\n${words}`;
}
