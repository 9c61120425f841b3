import type { Principal } from './principal.js';
import { VerifiedKeys } from './verified-keys.js';

const principal = (id: string, expiresAt?: number): Principal => ({
  tenantId: 'ten_1',
  actor: { kind: 'api-key', id, scopes: [] },
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

describe('VerifiedKeys', () => {
  const clock = { at: 0 };
  const keys = (max = 10) => new VerifiedKeys(3000, max, () => clock.at);
  beforeEach(() => (clock.at = 1000));

  it('remembers from the moment the question was asked, not answered', () => {
    const verified = keys();
    verified.put('h', principal('a'), 0);
    clock.at = 2999;
    expect(verified.get('h')?.principal?.actor.id).toBe('a');
    clock.at = 3000;
    expect(verified.get('h')).toBeUndefined();
  });

  it('does not outlive the key', () => {
    const verified = keys();
    verified.put('h', principal('a', 1500), 1000);
    clock.at = 1500;
    expect(verified.get('h')).toBeUndefined();
  });

  it('remembers refusals, which cannot push out what was accepted', () => {
    const verified = keys(2);
    verified.put('good', principal('a'), 1000);
    for (let i = 0; i < 100; i++) verified.put(`bad${i}`, undefined, 1000);
    expect(verified.get('bad99')).toMatchObject({ principal: undefined });
    expect(verified.get('bad0')).toBeUndefined();
    expect(verified.get('good')?.principal).toBeDefined();
  });

  it('gives up the oldest when full', () => {
    const verified = keys(2);
    for (const name of ['a', 'b', 'c']) verified.put(name, principal(name), 1000);
    expect(['a', 'b', 'c'].map((name) => verified.get(name) !== undefined)).toEqual([false, true, true]);
  });

  it('forgets a revoked key at once, and only that', () => {
    const verified = keys();
    verified.put('a', principal('a'), 1000);
    verified.put('b', principal('b'), 1000);
    verified.forget('a');
    expect(verified.get('a')).toBeUndefined();
    expect(verified.get('b')).toBeDefined();
  });
});
