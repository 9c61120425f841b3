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

/** The text without anything that looks like a secret. */
export function redactText(text: string): string {
  return SHAPES.reduce((safe, [shape, replacement]) => safe.replace(shape, replacement), text);
}

/** Whether a field of this name holds a secret, however it is written. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_ ]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_SUFFIX.test(plain);
}
