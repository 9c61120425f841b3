/** As much of a JSON Schema as bodies and parameters of the document use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly schema: Schema;
}

interface Described {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content | { readonly $ref: string }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, Content>>;
  };
}

export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly bodies: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly responses: Readonly<Record<string, Content>>;
}

const last = ($ref: string): string => $ref.split('/').at(-1)!;

export const resolveSchema = (schema: Schema, { components }: OpenApi): Schema =>
  schema.$ref === undefined ? schema : components.schemas[last(schema.$ref)]!;

export function operationsOf({ paths, components }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([key, { parameters = [], requestBody, responses }]) => ({
      name: `${key.toUpperCase()} ${path}`,
      method: key.toUpperCase(),
      path,
      parameters: parameters.map((one) => ('$ref' in one ? components.parameters[last(one.$ref)]! : one)),
      bodies: requestBody?.content ?? {},
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, one]) => [
          status,
          '$ref' in one ? components.responses[last(one.$ref)]! : one,
        ]),
      ),
    })),
  );
}
