interface Schema {
  type?: unknown;
  allOf?: unknown;
  oneOf?: unknown;
  properties?: Record<string, Schema>;
}

/**
 * A property that lists its alternatives with `oneOf` says all there is to say. The compiler plugin adds what it infers
 * from the TypeScript type, which for a text-or-object property would forbid the text.
 */
export function keepExplicitAlternatives(schemas: Readonly<Record<string, unknown>>): void {
  for (const { properties } of Object.values(schemas) as Schema[]) {
    for (const property of Object.values(properties ?? {})) {
      if (property.oneOf === undefined) continue;
      delete property.type;
      delete property.allOf;
    }
  }
}
