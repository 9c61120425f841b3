/**
 * JSON that Postgres takes: a model's reply may hold U+0000 or half a surrogate pair, which `jsonb` refuses, and with
 * it every other write of the batch. NUL is dropped, a lone half becomes U+FFFD.
 */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value);
  // Stringify writes both as escapes, so searching for the escapes finds nearly nothing else.
  if (!text.includes('\\u0000') && !text.includes('\\ud')) return text;
  return JSON.stringify(value, (_key, item: unknown) => (isObject(item) ? cleanKeys(item) : clean(item)));
}

const clean = (value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function cleanKeys(value: object): object {
  if (Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), item]));
}
