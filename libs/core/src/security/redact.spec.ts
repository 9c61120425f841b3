import { newId } from '../ids.js';
import { mintToken } from './api-token.js';
import { REDACTED, redactText } from './redact.js';

describe('redactText', () => {
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

  it('leaves ordinary text alone', () => {
    for (const text of [
      'the quick brown fox',
      'https://example.com/a?b=c',
      'agt_01abc',
      'a monkey, a token of thanks',
      '',
    ]) {
      expect(redactText(text)).toBe(text);
    }
  });
});
