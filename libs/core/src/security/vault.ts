import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, type RequestContext } from '@guildhall/sdk';
import { MasterKey } from './master-key.js';

/** Where a secret lives. It can be opened only there. */
export interface SecretPlace {
  /** What the secret is for; each purpose has a key of its own: `provider`, `connection`. */
  readonly purpose: string;
  readonly recordId: string;
  readonly field: string;
}

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 'v1';
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Seals secrets for storage: AES-256-GCM, bound to tenant, record, field and key. A sealed text that was moved, cut,
 * changed, or sealed under another `ENCRYPTION_KEY` does not open.
 */
@Injectable()
export class Vault {
  private readonly keys = new Map<string, Buffer>();
  /** Names the master key without telling it, so that a wrong one is reported as that. */
  readonly keyId: string;

  constructor(private readonly master: MasterKey) {
    this.keyId = Buffer.from(derive(master, 'vault-key-id').subarray(0, 6)).toString('base64url');
  }

  seal(ctx: Pick<RequestContext, 'tenantId'>, place: SecretPlace, secret: string): string {
    const iv = randomBytes(IV_LENGTH);
    const cipher = createCipheriv(ALGORITHM, this.keyFor(place.purpose), iv);
    cipher.setAAD(this.boundTo(ctx, place));
    const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${FORMAT}.${this.keyId}.${sealed.toString('base64url')}`;
  }

  /** Throws `secret_unreadable`. */
  open(ctx: Pick<RequestContext, 'tenantId'>, place: SecretPlace, sealed: string): string {
    const [format, keyId, text] = sealed.split('.');
    if (format !== FORMAT || text === undefined) throw unreadable(place);
    if (keyId !== this.keyId) throw unreadable(place, SEALED_ELSEWHERE);
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < IV_LENGTH + TAG_LENGTH) throw unreadable(place);
    const tagAt = bytes.length - TAG_LENGTH;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.keyFor(place.purpose), bytes.subarray(0, IV_LENGTH), {
        authTagLength: TAG_LENGTH,
      });
      decipher.setAAD(this.boundTo(ctx, place));
      decipher.setAuthTag(bytes.subarray(tagAt));
      return Buffer.concat([decipher.update(bytes.subarray(IV_LENGTH, tagAt)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw unreadable(place, undefined, error);
    }
  }

  private boundTo({ tenantId }: Pick<RequestContext, 'tenantId'>, { purpose, recordId, field }: SecretPlace): Buffer {
    return Buffer.from(JSON.stringify([FORMAT, this.keyId, tenantId, purpose, recordId, field]));
  }

  private keyFor(purpose: string): Buffer {
    const known = this.keys.get(purpose);
    if (known) return known;
    const key = derive(this.master, `vault:${purpose}`);
    this.keys.set(purpose, key);
    return key;
  }
}

function derive(master: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master.bytes, 'guildhall', purpose, 32));
}

const SEALED_ELSEWHERE = ': it was sealed under another ENCRYPTION_KEY. Restore that key, or set the secret again';

function unreadable({ recordId, field }: SecretPlace, remedy = '; set it again', cause?: unknown): AppError {
  const message = `The stored secret '${field}' of '${recordId}' cannot be read${remedy}`;
  return new AppError('internal', 'secret_unreadable', message, { cause });
}
