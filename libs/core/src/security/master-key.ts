import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, ConfigurationError } from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';

const LENGTH = 32;
const FILE = 'encryption.key';

/** The secret that all other keys of the process are derived from. */
export class MasterKey {
  constructor(readonly bytes: Buffer) {}
}

/**
 * `ENCRYPTION_KEY`, or without it (development, tests) a key made once and kept in `DATA_DIR`, so that restarts and
 * processes that share the folder agree.
 */
export async function loadMasterKey(
  settings: Pick<Settings, 'ENCRYPTION_KEY' | 'DATA_DIR' | 'NODE_ENV'>,
): Promise<MasterKey> {
  if (settings.ENCRYPTION_KEY !== undefined) return new MasterKey(decoded(settings.ENCRYPTION_KEY, 'ENCRYPTION_KEY'));
  if (settings.NODE_ENV === 'production') {
    throw new ConfigurationError('ENCRYPTION_KEY is required in production: 32 bytes, base64');
  }
  const file = join(settings.DATA_DIR, FILE);
  try {
    const kept = await keptEncryptionKey(settings.DATA_DIR);
    return new MasterKey(decoded(kept ?? (await create(settings.DATA_DIR, file)), file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (AppError.is(error) || code === undefined) throw error;
    const message = `Set ENCRYPTION_KEY, or a DATA_DIR that can be written: a key cannot be kept in ${file} (${code})`;
    throw new ConfigurationError(message);
  }
}

/** The key that was made for this data folder, as `ENCRYPTION_KEY` takes it; undefined where none was. */
export async function keptEncryptionKey(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(directory, FILE), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written aside and linked into place, so that of two processes starting at once both read the same whole key. */
async function create(directory: string, file: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(aside, randomBytes(LENGTH).toString('base64'), { mode: 0o600, flag: 'wx' });
  try {
    await link(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside);
  }
  return readFile(file, 'utf8');
}

function decoded(text: string, source: string): Buffer {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length === LENGTH) return bytes;
  throw new ConfigurationError(`${source} must be ${LENGTH} bytes in base64; make one with: openssl rand -base64 32`);
}
