import { createHash } from 'node:crypto';

/** Digest of a form as it arrives, without its boundary, which a client draws anew for each request. */
export class FormDigest {
  private readonly parts = createHash('sha256');
  private part = createHash('sha256');
  /** The end of what has come, which may be the beginning of a boundary. */
  private held: Buffer = Buffer.alloc(0);

  constructor(private readonly boundary: Buffer) {}

  update(piece: Buffer): void {
    let rest = this.held.length === 0 ? piece : Buffer.concat([this.held, piece]);
    for (let at = rest.indexOf(this.boundary); at >= 0; at = rest.indexOf(this.boundary)) {
      this.part.update(rest.subarray(0, at));
      this.endPart();
      rest = rest.subarray(at + this.boundary.length);
    }
    const sure = Math.max(0, rest.length - this.boundary.length + 1);
    this.part.update(rest.subarray(0, sure));
    this.held = rest.subarray(sure);
  }

  digest(): string {
    this.part.update(this.held);
    this.endPart();
    return this.parts.digest('base64url');
  }

  private endPart(): void {
    this.parts.update(this.part.digest());
    this.part = createHash('sha256');
  }
}
