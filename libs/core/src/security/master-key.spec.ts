import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMasterKey } from './master-key.js';

describe('loadMasterKey', () => {
  let DATA_DIR: string;
  beforeEach(() => (DATA_DIR = join(mkdtempSync(join(tmpdir(), 'key-')), 'nested')));
  afterEach(() => rmSync(join(DATA_DIR, '..'), { recursive: true, force: true }));
  const load = (ENCRYPTION_KEY?: string, NODE_ENV: 'development' | 'production' = 'development') =>
    loadMasterKey({ NODE_ENV, DATA_DIR, ...(ENCRYPTION_KEY === undefined ? {} : { ENCRYPTION_KEY }) });

  it('takes ENCRYPTION_KEY and writes nothing', async () => {
    const key = Buffer.alloc(32, 1);
    expect((await load(key.toString('base64'))).bytes).toEqual(key);
    expect(() => readdirSync(DATA_DIR)).toThrow('ENOENT');
  });

  it('makes one key in development that only its owner may read, and keeps it', async () => {
    const first = await load();
    expect(first.bytes).toHaveLength(32);
    expect((await load()).bytes).toEqual(first.bytes);
    expect(readdirSync(DATA_DIR)).toEqual(['encryption.key']);
    expect(statSync(join(DATA_DIR, 'encryption.key')).mode & 0o777).toBe(0o600);
  });

  it('agrees with all who start at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => load()));
    expect(new Set(keys.map(({ bytes }) => bytes.toString('hex'))).size).toBe(1);
    expect(readdirSync(DATA_DIR)).toEqual(['encryption.key']);
  });

  it('says what to set when there is no place to keep it', async () => {
    const file = join(DATA_DIR, '..', 'file');
    writeFileSync(file, '');
    const failure = loadMasterKey({ NODE_ENV: 'staging', DATA_DIR: join(file, 'data') });
    await expect(failure).rejects.toMatchObject({ category: 'configuration' });
    await expect(failure).rejects.toThrow(/^Set ENCRYPTION_KEY, or a DATA_DIR that can be written/);
  });

  it('refuses to make one in production, and refuses a damaged one anywhere', async () => {
    await expect(load(undefined, 'production')).rejects.toMatchObject({ category: 'configuration' });
    await load();
    writeFileSync(join(DATA_DIR, 'encryption.key'), 'short');
    await expect(load()).rejects.toThrow(/must be 32 bytes/);
    expect(readFileSync(join(DATA_DIR, 'encryption.key'), 'utf8')).toBe('short');
    await expect(load('c2hvcnQ=')).rejects.toThrow('ENCRYPTION_KEY must be 32 bytes in base64');
  });
});
