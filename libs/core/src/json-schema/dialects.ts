import { createRequire } from 'node:module';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { Ajv, type AnySchemaObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { linearPattern } from './linear-pattern.js';

/** One draft of JSON Schema: what it asks of a schema, and a compiler for one that keeps to it. */
export interface Dialect {
  readonly uri: string;
  /** Judges schemas; made once, since that takes longer than most schemas do. */
  readonly meta: Language;
  /** A new one for each schema: it keeps every `$id` that it sees. */
  compiler(): Language;
}

/** What all of Ajv's classes have in common. */
type Language = Pick<Ajv, 'compile' | 'validateSchema' | 'errors'>;

const draft06 = createRequire(import.meta.url)('ajv/dist/refs/json-schema-draft-06.json') as AnySchemaObject;

const LATEST = 'draft/2020-12';

/** By what stands in their URI between `json-schema.org/` and `/schema`. */
const CLASSES: Readonly<Record<string, (options: Options) => Ajv>> = {
  'draft-04': (options) => new AjvDraft04.default(options) as unknown as Ajv,
  'draft-06': (options) => (options.meta === false ? new Ajv(options) : new Ajv(options).addMetaSchema(draft06)),
  'draft-07': (options) => new Ajv(options),
  'draft/2019-09': (options) => new Ajv2019(options) as unknown as Ajv,
  [LATEST]: (options) => new Ajv2020(options) as unknown as Ajv,
};

const OPTIONS: Options = {
  strict: false,
  allErrors: true,
  logger: false,
  code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
};

const known = new Map<string, Dialect>();

/** The dialect that `$schema` names, the latest where it is absent; undefined where nobody here speaks it. */
export function dialectOf({ $schema: uri = uriOf(LATEST) }: AnySchemaObject): Dialect | undefined {
  const name = /^https?:\/\/json-schema\.org\/(.+)\/schema#?$/.exec(String(uri))?.[1] ?? '';
  if (!Object.hasOwn(CLASSES, name)) return undefined;
  const dialect = known.get(name) ?? toDialect(name, CLASSES[name]!);
  known.set(name, dialect);
  return dialect;
}

export const DIALECTS: readonly string[] = Object.keys(CLASSES).map(uriOf);

function uriOf(name: string): string {
  return `${name.startsWith('draft-') ? 'http' : 'https'}://json-schema.org/${name}/schema`;
}

function toDialect(name: string, make: (options: Options) => Ajv): Dialect {
  return {
    uri: uriOf(name),
    meta: addFormats.default(make(OPTIONS)),
    compiler: () => addFormats.default(make({ ...OPTIONS, meta: false, validateSchema: false })),
  };
}
