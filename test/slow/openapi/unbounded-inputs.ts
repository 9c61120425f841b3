interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: Body }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Body {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

const BOUNDS = {
  string: ['maxLength', 'enum', 'format', 'pattern', 'const'],
  array: ['maxItems'],
  object: ['maxProperties'],
};

/** What request bodies may hold without a limit, as `CreateThreadDto.title`; `x-max-bytes` bounds all that is below it. */
export function unboundedInputs({ paths, components }: Document): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();

  function visit(schema: Schema, path: string): void {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.split('/').at(-1)!;
      if (seen.has(name)) return;
      seen.add(name);
      visit(components.schemas[name]!, name);
      return;
    }
    if ('x-max-bytes' in schema) return;
    const { properties = {}, additionalProperties: free, items } = schema;
    for (const type of [schema.type ?? []].flat()) {
      const isBounded = BOUNDS[type as keyof typeof BOUNDS]?.some((word) => word in schema) ?? true;
      // An object with fields of its own alone has no more than those.
      if (!isBounded && (type !== 'object' || free)) found.add(path);
    }
    for (const one of [schema.oneOf, schema.anyOf, schema.allOf].flat()) if (one) visit(one, path);
    for (const [name, property] of Object.entries(properties)) visit(property, `${path}.${name}`);
    if (items) visit(items, `${path}[]`);
    if (typeof free === 'object') visit(free, `${path}.*`);
  }

  for (const [path, operations] of Object.entries(paths))
    for (const [method, { requestBody }] of Object.entries(operations))
      for (const { schema } of Object.values(requestBody?.content ?? {})) visit(schema, `${method} ${path}`);
  return found;
}
