/**
 * JSON that Postgres takes as `jsonb`: half of a surrogate pair, which JSON allows and Unicode does not, becomes U+FFFD.
 * `JSON.stringify` escapes exactly those halves; an escaped backslash before the same letters is text.
 */
export const toJsonb = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/g, (escape) => (escape === '\\\\' ? escape : '\\ufffd'));
