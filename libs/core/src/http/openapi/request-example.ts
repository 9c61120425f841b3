import { type Schema, type Schemas, resolved } from './schema.js';

const IS_ID = /^[a-z]{3,4}_[0-9a-z]{26}$/;

/**
 * A body that can be sent as it stands: what is required, and the fields that bring an example of their own. Left out is
 * what only repeats a default, and what names an object where none need be named: it would not be there.
 */
export function requestExample(schema: Schema, schemas: Schemas): unknown {
  const { example, allOf, oneOf, anyOf, enum: words, items, properties, type } = resolved(schema, schemas);
  if (example !== undefined) return example;
  if (schema.default !== undefined) return schema.default;
  if (words !== undefined) return words[0];
  const [alternative] = allOf ?? oneOf ?? anyOf ?? [];
  if (alternative !== undefined) return requestExample(alternative, schemas);
  if (items !== undefined) return [requestExample(items, schemas)];
  if (properties === undefined) return type === 'object' ? {} : undefined;
  const { required = [] } = resolved(schema, schemas);
  const shown = Object.entries(properties).filter(([name, field]) => required.includes(name) || isTelling(field));
  return Object.fromEntries(shown.map(([name, field]) => [name, requestExample(field, schemas)]));
}

function isTelling(field: Schema): boolean {
  if (field.example === undefined || (typeof field.example === 'string' && IS_ID.test(field.example))) return false;
  return JSON.stringify(field.example) !== JSON.stringify(field.default);
}
