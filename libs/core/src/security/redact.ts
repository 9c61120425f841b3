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

/**
 * Where a word begins, also in a line of JSON, to which this is applied: there a line break before the word is a
 * backslash and an `n`, and a colour ends in `m`: letters that would be taken for some of its own.
 */
const START = String.raw`(?:\b|(?<=\\(?:[bfnrt]|u[\da-fA-F]{4}(?:\[[\d;]*[A-Za-z])?)))`;
/** What stands between words there. */
const SPACE = String.raw`(?:\s|\\[nrt])+`;

/** Secrets that are known by their looks: our keys, bearer and basic credentials, passwords in URLs, vendors' keys. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  shape(String.raw`gh_[A-Za-z0-9_]{6,}`, REDACTED),
  shape(`(Bearer|Basic)${SPACE}[A-Za-z0-9._~+/=-]{6,}`, `$1 ${REDACTED}`, 'gi'),
  // No quote inside: it would go beyond the end of a text.
  shape(String.raw`([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"]+@`, `$1${REDACTED}@`, 'gi'),
  shape(String.raw`(?:sk|pk|rk|gsk|hf|xai|shpat|shpss|pat)[-_][A-Za-z0-9_-]{12,}`, REDACTED),
  shape(String.raw`AIza[A-Za-z0-9_-]{20,}`, REDACTED),
  shape(String.raw`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`, REDACTED),
];

function shape(source: string, replacement: string, flags = 'g'): readonly [RegExp, string] {
  return [new RegExp(START + source, flags), replacement];
}

/** The text without anything that looks like a secret. */
export function redactText(text: string): string {
  return SHAPES.reduce((safe, [pattern, replacement]) => safe.replace(pattern, replacement), text);
}

/** Whether a field of this name holds a secret, however it is written. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_ ]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_SUFFIX.test(plain);
}
