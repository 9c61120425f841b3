/** Keywords whose value is a schema, or a list of schemas in some dialects. */
const SCHEMAS = words(`
  items additionalItems unevaluatedItems contains prefixItems
  additionalProperties unevaluatedProperties propertyNames
  allOf anyOf oneOf not if then else contentSchema
`);

/** Keywords whose value has a schema, or a list of names, under each of its names. */
const MAPS = words('properties patternProperties $defs definitions dependentSchemas dependencies');

export type Fields = Readonly<Record<string, unknown>>;

/** One schema inside of a schema. */
export interface SchemaPlace {
  readonly path: string;
  readonly schema: Fields;
  readonly depth: number;
}

/** A schema and all that it consists of, what its constants and examples look like left out. Ends where it is left. */
export function* schemaPlaces(schema: Fields, path: string): Generator<SchemaPlace, void> {
  const open: SchemaPlace[] = [{ path, schema, depth: 1 }];
  for (let place = open.pop(); place; place = open.pop()) {
    yield place;
    for (const [keyword, value] of Object.entries(place.schema)) {
      const inner = within(place.path, keyword);
      if (SCHEMAS.has(keyword)) open.push(...schemasOf(value, inner, place.depth));
      else if (MAPS.has(keyword) && isFields(value)) {
        for (const [name, one] of Object.entries(value)) open.push(...schemasOf(one, within(inner, name), place.depth));
      }
    }
  }
}

function schemasOf(value: unknown, path: string, depth: number): SchemaPlace[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, index) => (isFields(one) ? [at(one, `${path}[${index}]`, depth)] : []));
  }
  return isFields(value) ? [at(value, path, depth)] : [];
}

function at(schema: Fields, path: string, depth: number): SchemaPlace {
  return { path, schema, depth: depth + 1 };
}

export function within(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
