import { compareKey, sayKey } from '../../apps/cli/src/commands/compare-key.js';
import { loadSettings } from '../../libs/core/src/config/load-settings.js';
import type { Database } from '../../libs/core/src/database/database.js';
import { HealthRegistry } from '../../libs/core/src/health/health-registry.js';
import { KeyInUse } from '../../libs/core/src/security/key-in-use.js';
import { MasterKey } from '../../libs/core/src/security/master-key.js';
import { EncryptionKeyInUse1763700030001 } from '../../libs/core/src/security/migrations/0002-encryption-key-in-use.js';
import { Vault } from '../../libs/core/src/security/vault.js';
import { type TestDatabase, testDatabase } from '../../libs/testing/src/test-database.js';

const OWN = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);

describe('the encryption key of a database', () => {
  let testing: TestDatabase;
  let database: Database;
  const errors: unknown[] = [];

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [EncryptionKeyInUse1763700030001] });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());
  beforeEach(async () => {
    errors.length = 0;
    await database.manager.query('DELETE FROM encryption_key_in_use');
  });

  /** A process that starts with this key; answers how it is by `/health`. */
  async function processWith(bytes: Buffer) {
    const health = new HealthRegistry();
    const quiet = () => undefined;
    const logger = { debug: quiet, info: quiet, warn: quiet, error: (fields: object) => void errors.push(fields) };
    const vault = new Vault(new MasterKey(bytes));
    await new KeyInUse(database, vault, health, logger).onModuleInit();
    const [check] = health.all();
    return () => check!.check(new AbortController().signal);
  }

  it('is that of the first process; one with another says so at its start and in its health', async () => {
    const first = await processWith(OWN);
    const second = await processWith(OWN);
    const other = await processWith(OTHER);
    for (const health of [first, second]) await expect(health()).resolves.toEqual({ status: 'healthy' });
    await expect(other()).resolves.toEqual({
      status: 'degraded',
      detail: expect.stringContaining('another ENCRYPTION_KEY'),
    });
    expect(errors).toEqual([{ keyId: new Vault(new MasterKey(OTHER)).keyId }]);
    expect(JSON.stringify(errors)).not.toContain(OTHER.toString('base64'));
  });

  it('is another from the moment that the table is emptied', async () => {
    const [old, renewed] = [await processWith(OWN), await processWith(OTHER)];
    await database.manager.query('DELETE FROM encryption_key_in_use');
    await expect(renewed()).resolves.toEqual({ status: 'healthy' });
    await expect(old()).resolves.toMatchObject({ status: 'degraded' });
  });

  it('is compared by "guildhall config print", where the database is a server', async () => {
    const { DATABASE_URL } = testing.settings;
    const compared = async (bytes: Buffer) => {
      const { settings } = loadSettings({
        values: { NODE_ENV: 'test', DATABASE_URL, ENCRYPTION_KEY: bytes.toString('base64') },
      });
      return (await compareKey(settings)).database;
    };
    const before = await compared(OWN);
    await processWith(OWN);
    const seen = [before, await compared(OWN), await compared(OTHER)];
    const isServer = DATABASE_URL?.startsWith('postgres') ?? false;
    expect(seen).toEqual(isServer ? ['none', 'same', 'other'] : ['unknown', 'unknown', 'unknown']);
  });

  it('is named without a database that answers', async () => {
    const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
    const { settings } = loadSettings({
      values: { NODE_ENV: 'test', DATABASE_URL, ENCRYPTION_KEY: OWN.toString('base64') },
    });
    const comparison = await compareKey(settings);
    expect(sayKey(comparison)).toBe(`encryption key ${comparison.id}: not compared with the database`);
  });
});
