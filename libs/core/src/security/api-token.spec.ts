import fc from 'fast-check';
import { newId } from '../ids.js';
import { hashToken, keyIdOf, mintToken } from './api-token.js';

describe('API tokens', () => {
  it('name their key and carry a secret of 200 bits', () => {
    const id = newId('key');
    const token = mintToken(id);
    expect(token).toMatch(new RegExp(`^gh_${id}_[0-9a-z]{40}$`));
    expect(keyIdOf(token)).toBe(id);
  });

  it('are never the same twice', () => {
    const id = newId('key');
    expect(new Set(Array.from({ length: 1000 }, () => mintToken(id))).size).toBe(1000);
  });

  it('are not recognised in anything else', () => {
    const token = mintToken(newId('key'));
    for (const text of [
      '',
      'gh_dev_local',
      `${token}x`,
      ` ${token}`,
      token.toUpperCase(),
      token.replace('key_', 'ten_'),
    ]) {
      expect(keyIdOf(text)).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (text) => keyIdOf(text) === undefined));
  });

  it('have a hash of 32 bytes that any change changes', () => {
    const token = mintToken(newId('key'));
    expect(hashToken(token)).toHaveLength(32);
    expect(hashToken(token)).toEqual(hashToken(token));
    expect(hashToken(`${token}x`)).not.toEqual(hashToken(token));
  });
});
