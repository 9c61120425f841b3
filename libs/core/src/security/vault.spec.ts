import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { MasterKey } from './master-key.js';
import { type SecretPlace, Vault } from './vault.js';

const vault = new Vault(new MasterKey(Buffer.alloc(32, 7)));
const ctx = { tenantId: 'ten_a' };
const place: SecretPlace = { purpose: 'connection', recordId: 'con_1', field: 'token' };
const unreadable = expect.objectContaining({ code: 'secret_unreadable', category: 'internal' });

describe('Vault', () => {
  it('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        expect(vault.open(ctx, place, vault.seal(ctx, place, secret))).toBe(secret);
      }),
    );
  });

  it('never seals alike twice, and shows nothing', () => {
    const sealed = Array.from({ length: 100 }, () => vault.seal(ctx, place, 'hunter22'));
    expect(new Set(sealed).size).toBe(100);
    expect(Buffer.from(sealed[0]!.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('hunter22');
  });

  it('opens after a restart with the same key', () => {
    const again = new Vault(new MasterKey(Buffer.alloc(32, 7)));
    expect(again.open(ctx, place, vault.seal(ctx, place, 'x'))).toBe('x');
  });

  it.each<[string, { tenantId: string }, SecretPlace]>([
    ['tenant', { tenantId: 'ten_b' }, place],
    ['record', ctx, { ...place, recordId: 'con_2' }],
    ['field', ctx, { ...place, field: 'refreshToken' }],
    ['purpose', ctx, { ...place, purpose: 'provider' }],
  ])('does not open in another %s', (_, otherCtx, otherPlace) => {
    expect(() => vault.open(otherCtx, otherPlace, vault.seal(ctx, place, 'x'))).toThrow(unreadable);
  });

  it('does not open what was changed or cut anywhere', () => {
    const sealed = vault.seal(ctx, place, 'secret');
    const [format, keyId, text] = sealed.split('.') as [string, string, string];
    const bytes = Buffer.from(text, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      expect(() => vault.open(ctx, place, `${format}.${keyId}.${changed.toString('base64url')}`)).toThrow(unreadable);
      const cut = bytes.subarray(0, i).toString('base64url');
      expect(() => vault.open(ctx, place, `${format}.${keyId}.${cut}`)).toThrow(unreadable);
    }
    for (const junk of ['', 'x', 'a.b.c', `v2.${keyId}.${text}`, `${format}.${keyId}`, 'secret']) {
      expect(() => vault.open(ctx, place, junk)).toThrow(unreadable);
    }
  });

  it('says so when another ENCRYPTION_KEY sealed it, and both remedies', () => {
    const other = new Vault(new MasterKey(randomBytes(32)));
    expect(() => vault.open(ctx, place, other.seal(ctx, place, 'x'))).toThrow(
      /another ENCRYPTION_KEY\. Restore that key, or set the secret again/,
    );
  });
});
