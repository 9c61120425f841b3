import { hash, randomBytes } from 'node:crypto';
import { isId } from '../ids.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SECRET_LENGTH = 40;
const SHAPE = /^gh_(key_[0-9a-z]{26})_[0-9a-z]{40}$/;

/** A new key's text, `gh_<keyId>_<secret>`; the secret has 200 random bits. Shown once, stored only as its hash. */
export function mintToken(keyId: string): string {
  const secret = Array.from(randomBytes(SECRET_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
  return `gh_${keyId}_${secret}`;
}

/** The key id that a token names, or undefined when it does not look like one of ours. */
export function keyIdOf(token: string): string | undefined {
  const keyId = SHAPE.exec(token)?.[1];
  return keyId !== undefined && isId('key', keyId) ? keyId : undefined;
}

/** SHA-256 is enough: what it hides is random, not a password. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
