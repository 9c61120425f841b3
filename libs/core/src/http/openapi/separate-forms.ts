import type { Media, Schema, Schemas } from './schema.js';
import { resolved } from './schema.js';

const FORM = 'multipart/form-data';

/** Where a body is either JSON or a form with a file, each media type gets the alternatives that it can carry. */
export function separateForms(content: Readonly<Record<string, Media>>, schemas: Schemas): void {
  if (!(FORM in content)) return;
  for (const [type, media] of Object.entries(content)) {
    const fitting = (media.schema?.anyOf ?? []).filter((one) => hasFile(one, schemas) === (type === FORM));
    if (fitting.length > 0) media.schema = fitting.length === 1 ? fitting[0]! : { anyOf: fitting };
  }
}

const hasFile = (schema: Schema, schemas: Schemas): boolean =>
  Object.values(resolved(schema, schemas).properties ?? {}).some(({ format }) => format === 'binary');
