import { hkdfSync } from 'node:crypto';

/** Keys for signatures, one per purpose, derived from the operator's secret so that all replicas agree. */
export class SigningKey {
  private readonly derived = new Map<string, Buffer>();

  constructor(private readonly secret: string) {}

  for(purpose: string): Buffer {
    const known = this.derived.get(purpose);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', this.secret, 'guildhall', `signing:${purpose}`, 32));
    this.derived.set(purpose, key);
    return key;
  }
}
