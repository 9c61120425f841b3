/** Keywords whose value is a map from names to schemas. */
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

/**
 * Whether a JSON Schema keeps to the rules under which vendors promise to follow it to the letter: every object is
 * closed and every property required. Others are refused as strict, so they are sent as a wish.
 */
export function isStrictSchema(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema);
  if (!isRecord(schema)) return true;
  if (('properties' in schema || hasObjects(schema)) && !isClosed(schema)) return false;
  return Object.entries(schema).every(([keyword, value]) =>
    MAPS.has(keyword) && isRecord(value) ? Object.values(value).every(isStrictSchema) : isStrictSchema(value),
  );
}

function isClosed({ properties, required, additionalProperties }: Record<string, unknown>): boolean {
  if (additionalProperties !== false || !isRecord(properties)) return false;
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.keys(properties).every((name) => needed.has(name));
}

function hasObjects({ type }: Record<string, unknown>): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
