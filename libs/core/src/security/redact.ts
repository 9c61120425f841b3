/** Names of fields whose values are secrets, in lower case without separators. */
const SECRET_NAMES = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'apikey',
  'xapikey',
  'key',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'secret',
  'clientsecret',
  'password',
  'passphrase',
  'privatekey',
  'credentials',
  'encryptionkey',
  'bootstrapapikey',
]);

const SECRET_SUFFIX = /(?:apikey|secret|password|token)$/;

export const REDACTED = '[redacted]';

/** Secrets that are known by their looks: our keys, bearer and basic credentials, passwords in URLs, vendors' keys. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bgh_[A-Za-z0-9_]{6,}/g, REDACTED],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  // No quote inside: this also runs over whole lines of JSON.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"]+@/gi, `$1${REDACTED}@`],
  [/\b(?:sk|pk|rk|gsk|hf|xai|shpat|shpss|pat)[-_][A-Za-z0-9_-]{12,}/g, REDACTED],
  [/\bAIza[A-Za-z0-9_-]{20,}/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, REDACTED],
];

const MAX_DEPTH = 8;

/**
 * A copy of `value` fit for logs and errors: strings without the `known` secrets and without anything that looks like
 * one, and the values of fields with a secret's name replaced. Plain data in, plain data out.
 */
export function redact(value: unknown, known: readonly string[] = []): unknown {
  const worth = known.filter((secret) => secret.length >= 4);
  return redactValue(value, worth, MAX_DEPTH);
}

export function redactText(text: string, known: readonly string[] = []): string {
  let safe = text;
  for (const secret of known) if (secret.length >= 4) safe = safe.replaceAll(secret, REDACTED);
  for (const [shape, replacement] of SHAPES) safe = safe.replace(shape, replacement);
  return safe;
}

function redactValue(value: unknown, known: readonly string[], depth: number): unknown {
  if (typeof value === 'string') return redactText(value, known);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === 0) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, known, depth - 1));
  if (value instanceof Error) return { name: value.name, message: redactText(value.message, known) };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      isSecretName(name) && item !== undefined && item !== null ? REDACTED : redactValue(item, known, depth - 1),
    ]),
  );
}

/** Whether a field of this name holds a secret, however it is written. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_ ]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_SUFFIX.test(plain);
}
