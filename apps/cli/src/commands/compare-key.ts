import { Client } from 'pg';
import { MasterKey, Vault, keptEncryptionKey, type loadSettings } from '@guildhall/core';

type Settings = ReturnType<typeof loadSettings>['settings'];

const CONNECT_MS = 2_000;

export interface KeyComparison {
  /** The name of the key here, which does not tell it; null where none is set or was made yet. */
  readonly id: string | null;
  /** Whether the processes of the database use the same; `unknown` where that cannot be seen from here. */
  readonly database: 'same' | 'other' | 'none' | 'unknown';
}

/** Compares the `ENCRYPTION_KEY` here with the one in use. The embedded database belongs to its server: it is not asked. */
export async function compareKey(settings: Settings): Promise<KeyComparison> {
  const text = settings.ENCRYPTION_KEY ?? (await keptEncryptionKey(settings.DATA_DIR));
  const id = text === undefined ? null : new Vault(new MasterKey(Buffer.from(text, 'base64'))).keyId;
  if (settings.embedded || settings.DATABASE_URL === undefined) return { id, database: 'unknown' };
  const client = new Client({ connectionString: settings.DATABASE_URL, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    const { rows } = await client.query<{ key_id: string }>('SELECT key_id FROM encryption_key_in_use');
    const [inUse] = rows;
    return { id, database: inUse === undefined ? 'none' : inUse.key_id === id ? 'same' : 'other' };
  } catch {
    // It does not answer, or has no such table yet: this command shows settings all the same.
    return { id, database: 'unknown' };
  } finally {
    await client.end().catch(() => undefined);
  }
}

const SAYS = {
  same: 'the one in use in the database',
  other: 'ANOTHER than the one in use in the database: stored secrets cannot be opened',
  none: 'none is in use in the database yet',
  unknown: 'not compared with the database',
} satisfies Record<KeyComparison['database'], string>;

export const sayKey = ({ id, database }: KeyComparison): string => `encryption key ${id ?? '-'}: ${SAYS[database]}`;
