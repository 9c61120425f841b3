import fc from 'fast-check';
import { newId } from '../ids.js';
import { mintToken } from './api-token.js';
import { REDACTED, redact, redactText } from './redact.js';

describe('redact', () => {
  it.each([
    mintToken(newId('key')),
    'gh_dev_local',
    'sk-proj-abcdefghijklmnop',
    'AIzaSyA1234567890abcdefghijkl',
    'hf_abcdefghijklmnopqrst',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
  ])('removes %s from any text', (secret) => {
    expect(redactText(`it was ${secret}, was it`)).toBe(`it was ${REDACTED}, was it`);
  });

  it('removes credentials and keeps their kind', () => {
    expect(redactText('Authorization: Bearer abcdef123456')).toBe(`Authorization: Bearer ${REDACTED}`);
    expect(redactText('postgres://user:hunter2@db:5432/x failed')).toBe(`postgres://${REDACTED}@db:5432/x failed`);
  });

  it('removes known secrets wherever they stand', () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[A-Z]{12}$/), fc.string(), (before, secret, after) => {
        const text = redactText(before + secret + after, [secret]);
        expect(text).not.toContain(secret);
      }),
    );
  });

  it('leaves ordinary text alone', () => {
    for (const text of [
      'the quick brown fox',
      'https://example.com/a?b=c',
      'agt_01abc',
      'a monkey, a token of thanks',
      '',
    ]) {
      expect(redactText(text, ['x', ''])).toBe(text);
    }
  });

  it('replaces what stands in fields with a secret name, at any depth, and changes nothing in place', () => {
    const value = {
      apiKey: 'a',
      'X-API-Key': 'b',
      nested: [{ client_secret: 'c', refreshToken: 'd', name: 'e', password: null }],
      at: new Date(0),
      count: 3,
    };
    const before = structuredClone(value);
    expect(redact(value)).toEqual({
      apiKey: REDACTED,
      'X-API-Key': REDACTED,
      nested: [{ client_secret: REDACTED, refreshToken: REDACTED, name: 'e', password: null }],
      at: new Date(0),
      count: 3,
    });
    expect(value).toEqual(before);
  });

  it('keeps what an error says, without its stack or secrets', () => {
    expect(redact(new Error('no such key gh_dev_local'))).toEqual({
      name: 'Error',
      message: `no such key ${REDACTED}`,
    });
  });

  it('ends in data that hold themselves', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop))).toContain('[too deep]');
  });
});
