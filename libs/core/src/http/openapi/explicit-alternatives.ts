import type { Schema, Schemas } from './schema.js';

/**
 * A property that lists its alternatives with `oneOf` says all there is to say. The compiler plugin adds what it infers
 * from the TypeScript type, which for a text-or-object property would forbid the text. And it wraps a reference that has
 * words beside it in `allOf`, which OpenAPI 3.1 no longer needs.
 */
export function keepExplicitAlternatives(schemas: Schemas): void {
  for (const { properties } of Object.values(schemas)) {
    for (const property of Object.values(properties ?? {})) {
      if (property.oneOf !== undefined) {
        delete property.type;
        delete property.allOf;
      }
      unwrap(property);
    }
  }
}

function unwrap(property: Schema): void {
  const [only, ...others] = property.allOf ?? [];
  if (only?.$ref === undefined || others.length > 0) return;
  property.$ref = only.$ref;
  delete property.allOf;
}
