import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { dataSourceOptions, poolConfig } from '../../libs/core/src/database/data-source.js';
import { Database } from '../../libs/core/src/database/database.js';
import { toAppError } from '../../libs/core/src/database/database-error.js';
import { ElasticPool } from '../../libs/core/src/database/elastic-pool.js';
import { EmbeddedDatabase } from '../../libs/core/src/database/embedded/embedded-database.js';
import { migrate, schemaState } from '../../libs/core/src/database/migrator.js';

class CreateNotes1763700010900 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (id text PRIMARY KEY, author text NOT NULL)');
  }
  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

class AddNoteText1763700010901 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE note ADD COLUMN text text');
  }
  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

class Broken1763700010902 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE half_made (id text)');
    await runner.query('SELECT nonsense');
  }
  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

class NoteLockLimit1763700010903 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE lock_limit AS SELECT current_setting('lock_timeout') AS lock_timeout`);
  }
  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const SERVER = process.env['TEST_DATABASE_URL'];
const onServer = SERVER === undefined ? describe.skip : describe;
const POOL = { DATABASE_POOL_MIN: 5, DATABASE_POOL_SIZE: 20, DATABASE_POOL_OVERFLOW: 30 };

const ctx: RequestContext = {
  tenantId: 'acme',
  actor: { kind: 'system', id: 'test', scopes: ['*'] },
  requestId: 'req',
  signal: new AbortController().signal,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
};

const runSource = (file: string, ...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', './test/fixtures/run-typescript.mjs', `test/fixtures/${file}`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe('the database, embedded or a server', () => {
  let testing: TestDatabase;
  let source: DataSource;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [CreateNotes1763700010900] });
    ({ source, database } = await testing.connect());
  });
  afterAll(() => testing.close());

  it('does not let parallel transactions interleave', async () => {
    const write = (author: string, fails: boolean) =>
      source
        .transaction(async (tx) => {
          for (let i = 0; i < 10; i++) {
            await tx.query('INSERT INTO note (id, author) VALUES ($1, $2)', [`${author}${i}`, author]);
          }
          if (fails) throw new Error('rolled back');
        })
        .catch(() => undefined);
    await Promise.all([write('p', false), write('q', true), write('r', false), write('s', true)]);
    const rows = await source.query('SELECT author, count(*)::int AS n FROM note GROUP BY 1 ORDER BY 1');
    expect(rows).toEqual([
      { author: 'p', n: 10 },
      { author: 'r', n: 10 },
    ]);
  });

  it('tells an idle listener of a notification when its transaction commits, and not when it rolls back', async () => {
    const heard: string[] = [];
    let last: () => void = () => {};
    const done = new Promise<void>((resolve) => (last = resolve));
    const listener = await database.listen(
      'news',
      (payload) => (heard.push(payload), payload === 'last' && last()),
      () => {},
    );
    const notify = (payload: string) => source.query('SELECT pg_notify($1, $2)', ['news', payload]);
    await notify('first');
    const undone = source.transaction(async (tx) => {
      await tx.query(`SELECT pg_notify('news', 'never')`);
      throw new Error('rolled back');
    });
    await expect(undone).rejects.toThrow('rolled back');
    await source.query(`SELECT pg_notify('other', 'not for us')`);
    await notify('last');
    await done;
    await listener.close();
    await notify('after');
    expect(heard).toEqual(['first', 'last']);
  });

  it('tells the others of a notification where one of its listeners throws', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const failing = await database.listen(
      'shared news',
      () => {
        throw new Error('one that fails, before one that listens');
      },
      () => {},
    );
    let hear: (payload: string) => void = () => {};
    const heard = new Promise<string>((resolve) => (hear = resolve));
    const listener = await database.listen(
      'shared news',
      (payload) => hear(payload),
      () => {},
    );
    await source.query(`SELECT pg_notify('shared news', 'to all')`);
    expect(await heard).toBe('to all');
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
    await failing.close();
    await listener.close();
  });

  it('limits every statement to a minute', async () => {
    expect((await source.query('SHOW statement_timeout'))[0]).toEqual({ statement_timeout: '1min' });
  });

  it('lets connections prepare statements of the same name', async () => {
    const [a, b] = [await database.pool.connect(), await database.pool.connect()];
    const one = { name: 'same', text: 'SELECT 1 AS n' };
    const two = { name: 'same', text: 'SELECT $1::int AS n', values: [2] };
    expect((await a.query(one)).rows).toEqual([{ n: 1 }]);
    expect((await b.query(two)).rows).toEqual([{ n: 2 }]);
    expect((await a.query(one)).rows).toEqual([{ n: 1 }]);
    a.release();
    b.release(true);
    expect((await database.pool.query('SELECT 3 AS n')).rows).toEqual([{ n: 3 }]);
  });

  it('gives back big results and stores big values whole', async () => {
    const text = 'ß'.repeat(1_000_000);
    const { rows } = await database.pool.query<{ echo: string }>('SELECT $1::text AS echo', [text]);
    expect(rows[0]!.echo).toBe(text);
    const many = await database.pool.query('SELECT generate_series(1, 50000) AS n');
    expect(many.rows).toHaveLength(50_000);
  });

  it('explains its errors to callers', async () => {
    await source.query(`INSERT INTO note (id, author) VALUES ('twice', 'x')`);
    const again = source.query(`INSERT INTO note (id, author) VALUES ('twice', 'x')`);
    const error = await again.catch((failure: unknown) => toAppError(failure));
    expect(error).toMatchObject({ code: 'duplicate_record', details: [{ path: 'id' }] });
    const nul = await source.query(`INSERT INTO note (id, author) VALUES ($1, 'x')`, ['a\0b']).catch(toAppError);
    expect(nul).toMatchObject({ category: 'validation' });
  });

  it('repeats a transaction after a transient error, where the caller says that it may', async () => {
    const deadlock = `DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$`;
    let attempts = 0;
    const work = (tx: { query(sql: string): Promise<unknown> }) =>
      ++attempts === 1 ? tx.query(deadlock) : tx.query('SELECT 1');
    await expect(database.transaction(ctx, work)).rejects.toMatchObject({ code: '40P01' });
    attempts = 0;
    await database.transaction(ctx, work, { repeatable: true });
    expect(attempts).toBe(2);
    attempts = 0;
    const syntax = (tx: { query(sql: string): Promise<unknown> }) => (attempts++, tx.query('SELEC'));
    await expect(database.transaction(ctx, syntax, { repeatable: true })).rejects.toMatchObject({ code: '42601' });
    expect(attempts).toBe(1);
  });

  it('begins no transaction for a caller who is gone', async () => {
    const gone = { ...ctx, signal: AbortSignal.abort() };
    await expect(database.transaction(gone, async () => 1)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('hands connections back after errors', async () => {
    const before = database.pool.totalCount - database.pool.idleCount;
    for (let i = 0; i < 100; i++) await codeOf(source.transaction((tx) => tx.query('SELECT nonsense')));
    expect(database.pool.totalCount - database.pool.idleCount).toBe(before);
  });
});

describe('migrations', () => {
  let testing: TestDatabase;
  const opened: DataSource[] = [];
  let embedded: EmbeddedDatabase | undefined;

  beforeEach(async () => {
    testing = await testDatabase();
    embedded = testing.kind === 'embedded' ? await EmbeddedDatabase.open({ kind: 'memory' }) : undefined;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((source) => source.destroy()));
    await embedded?.close();
    await testing.close();
  });

  type Migrations = Parameters<typeof dataSourceOptions>[1];
  const open = async (migrations: Migrations) => {
    const pool = poolConfig({ ...POOL, DATABASE_URL: testing.url }, embedded);
    const source = await new DataSource(dataSourceOptions(pool, migrations)).initialize();
    opened.push(source);
    return source;
  };
  const all = [CreateNotes1763700010900, AddNoteText1763700010901];

  it('run once when three want them at the same time', async () => {
    const sources = await Promise.all([open(all), open(all), open(all)]);
    const applied = await Promise.all(sources.map((source) => migrate(source)));
    expect(applied.map((names) => names.length).toSorted()).toEqual([0, 0, 2]);
    expect(await schemaState(sources[0]!)).toEqual({ pending: [], unknown: [] });
  });

  it('run where an older release has run its own', async () => {
    await migrate(await open([CreateNotes1763700010900]));
    const newer = await open(all);
    expect((await schemaState(newer)).pending).toEqual(['AddNoteText1763700010901']);
    expect(await migrate(newer)).toEqual(['AddNoteText1763700010901']);
  });

  it('of a newer release do not disturb an older one', async () => {
    await migrate(await open(all));
    const older = await open([CreateNotes1763700010900]);
    expect(await migrate(older)).toEqual([]);
    expect(await schemaState(older)).toEqual({ pending: [], unknown: ['AddNoteText1763700010901'] });
  });

  it('leave nothing behind when one fails, so that the next try begins where this one did', async () => {
    const source = await open([...all, Broken1763700010902]);
    await expect(migrate(source)).rejects.toMatchObject({ category: 'configuration' });
    expect((await schemaState(source)).pending).toHaveLength(3);
    const [{ exists }] = await source.query<[{ exists: boolean }]>(
      `SELECT to_regclass('half_made') IS NOT NULL AS exists`,
    );
    expect(exists).toBe(false);
    expect(await migrate(await open(all))).toHaveLength(2);
  });
});

describe('the embedded database', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'guildhall-embedded-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const connect = async (database: EmbeddedDatabase) => {
    const client = new pg.Client({ stream: database.connect as never, user: 'postgres', ssl: false });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  it('refuses, and does not hang, when a transaction waits for another connection', async () => {
    const database = await EmbeddedDatabase.open({ kind: 'memory' }, { waitLimitMs: 50 });
    const [a, b] = [await connect(database), await connect(database)];
    await a.query('BEGIN');
    expect(await codeOf(b.query('SELECT 1'))).toBe('55P03');
    await a.query('COMMIT');
    expect((await b.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await database.close();
  });

  it('rolls back what a vanished client left open', async () => {
    const database = await EmbeddedDatabase.open({ kind: 'memory' });
    const [a, b] = [await connect(database), await connect(database)];
    await b.query('CREATE TABLE t (n int)');
    await a.query('BEGIN');
    await a.query('INSERT INTO t VALUES (1)');
    await a.end();
    expect((await b.query('SELECT * FROM t')).rows).toEqual([]);
    await database.close();
  });

  it('lets everything else of the process go on while a statement takes long', async () => {
    const database = await EmbeddedDatabase.open({ kind: 'memory' });
    const client = await connect(database);
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    await client.query('SELECT count(*) FROM generate_series(1, 2000000)');
    clearInterval(turning);
    expect(turns).toBeGreaterThan(20);
    await database.close();
  });

  it('says why it cannot be opened, and gives the folder back', async () => {
    mkdirSync(join(directory, 'postgres'));
    writeFileSync(join(directory, 'postgres', 'PG_VERSION'), 'nonsense');
    await expect(EmbeddedDatabase.open({ kind: 'directory', path: directory })).rejects.toThrow();
    rmSync(join(directory, 'postgres'), { recursive: true });
    await (await EmbeddedDatabase.open({ kind: 'directory', path: directory })).close();
  });

  it('has the vector type at hand', async () => {
    const database = await EmbeddedDatabase.open({ kind: 'memory' });
    const client = await connect(database);
    await client.query('CREATE EXTENSION vector');
    const { rows } = await client.query(`SELECT '[1,2,3]'::vector <-> '[1,2,5]'::vector AS distance`);
    expect(rows).toEqual([{ distance: 2 }]);
    await database.close();
  });

  it('is refused to a second owner until the first closes it', async () => {
    const first = await EmbeddedDatabase.open({ kind: 'directory', path: directory });
    await expect(EmbeddedDatabase.open({ kind: 'directory', path: directory })).rejects.toMatchObject({
      category: 'configuration',
      message: expect.stringContaining('is in use by process'),
    });
    await first.close();
    await (await EmbeddedDatabase.open({ kind: 'directory', path: directory })).close();
  });

  it('starts over where its very first start was cut short', async () => {
    mkdirSync(join(directory, 'postgres.preparing'));
    writeFileSync(join(directory, 'postgres.preparing', 'PG_VERSION'), 'half');
    const database = await EmbeddedDatabase.open({ kind: 'directory', path: directory });
    expect((await (await connect(database)).query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await database.close();
  });

  it('keeps everything it acknowledged through kill -9, and again', async () => {
    let acknowledged = 0;
    for (let round = 1; round <= 2; round++) {
      const child = runSource('embedded-writer.ts', directory);
      let inThisRound = 0;
      for await (const line of createInterface({ input: child.stdout! })) {
        acknowledged = Number(line);
        if (++inThisRound === 1) setTimeout(() => child.kill('SIGKILL'), 20 + 30 * round);
      }
      if (child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      expect(inThisRound).toBeGreaterThan(0);
    }
    const database = await EmbeddedDatabase.open({ kind: 'directory', path: directory });
    const client = await connect(database);
    const { rows } = await client.query('SELECT count(*)::int AS count, max(n) AS max FROM written');
    expect(rows[0].count).toBe(rows[0].max);
    expect(rows[0].max).toBeGreaterThanOrEqual(acknowledged);
    await database.close();
  });
});

onServer('a server', () => {
  let testing: TestDatabase;
  const pools: ElasticPool[] = [];

  beforeAll(async () => {
    testing = await testDatabase();
  });
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())));
  afterAll(() => testing.close());

  const openPool = (more: object = {}) => {
    const pool = new ElasticPool({ ...poolConfig({ ...POOL, DATABASE_URL: testing.url }, undefined), ...more });
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const backends = async (pool: ElasticPool) => {
    const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()`;
    return (await pool.query<{ n: number }>(sql)).rows[0]!.n;
  };

  it('sees at most 50 connections under 60 slow queries at once, none of which fails, and 5 when all is quiet', async () => {
    const pool = openPool({ idleTimeoutMillis: 200, calmMs: 0 });
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, pool.totalCount)), 5);
    const watcher = openPool({ max: 1, min: 0, size: 1, application_name: 'watcher' });
    const slow = Array.from({ length: 60 }, () => pool.query('SELECT pg_sleep(0.4)'));
    let seen = 0;
    for (let i = 0; i < 5; i++) seen = Math.max(seen, (await backends(watcher)) - 1);
    await Promise.all(slow);
    clearInterval(watching);
    expect(most).toBe(50);
    expect(seen).toBeLessThanOrEqual(50);
    expect(pool.totalCount).toBeLessThanOrEqual(20);
    while (pool.totalCount > 5) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(pool.totalCount).toBe(5);
  });

  it('that has fewer connections for us than we may open makes callers queue for those, and fails none', async () => {
    const admin = openPool({ max: 1, min: 0, size: 1 });
    const role = `few_${process.pid}`;
    await admin.query(`CREATE ROLE ${role} LOGIN CONNECTION LIMIT 3`);
    const url = new URL(testing.url);
    url.username = role;
    const pool = openPool({ connectionString: url.href });
    const answers = await Promise.all(Array.from({ length: 40 }, () => pool.query('SELECT pg_sleep(0.02), 1 AS n')));
    expect(answers.every(({ rows }) => rows[0].n === 1)).toBe(true);
    await Promise.all(pools.splice(pools.indexOf(pool), 1).map((each) => each.end()));
    await admin.query(`DROP ROLE ${role}`);
  });

  it('may kill its backends without a caller noticing later', async () => {
    const pool = openPool();
    await Promise.all(Array.from({ length: 5 }, () => pool.query('SELECT pg_sleep(0.05)')));
    const killer = openPool({ max: 1, min: 0, size: 1 });
    const lost = pool.query('SELECT pg_sleep(5)').catch((error: unknown) => toAppError(error));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await killer.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    expect(await lost).toMatchObject({ code: 'database_unavailable', retryable: true });
    // The idle ones learn of it a moment later, each by its own socket.
    while (pool.totalCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const answers = await Promise.all(Array.from({ length: 10 }, () => pool.query('SELECT 1 AS n')));
    expect(answers.every(({ rows }) => rows[0].n === 1)).toBe(true);
  });

  it('may go away under a listener, who hears again after and is told to look for what it missed', async () => {
    const { source, database } = await testing.connect();
    let missed: () => void = () => {};
    let heard: (payload: string) => void = () => {};
    const reconnected = new Promise<void>((resolve) => (missed = resolve));
    const told = new Promise<string>((resolve) => (heard = resolve));
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const failing = () => {
      throw new Error('one that fails, before one that listens');
    };
    await database.listen('news', failing, failing);
    await database.listen(
      'news',
      (payload) => heard(payload),
      () => missed(),
    );
    await openPool({ max: 1, min: 0, size: 1 }).query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await reconnected;
    await source.query(`SELECT pg_notify('news', 'again')`);
    expect(await told).toBe('again');
    logged.mockRestore();
  });

  it('lets nobody wait long for a lock, but for migrations, and says that it may be tried again', async () => {
    const [holder, waiter] = [openPool(), openPool()];
    expect((await waiter.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '3s' }]);
    const locking = await holder.connect();
    await locking.query('BEGIN; SELECT pg_advisory_xact_lock(17)');
    const waiting = waiter.query('SELECT pg_advisory_xact_lock(17)').catch(toAppError);
    expect(await waiting).toMatchObject({ code: 'database_unavailable', retryable: true });
    locking.release(true);
    const pool = poolConfig({ ...POOL, DATABASE_URL: testing.url }, undefined);
    const source = await new DataSource(dataSourceOptions(pool, [NoteLockLimit1763700010903])).initialize();
    await migrate(source);
    expect(await source.query('SELECT lock_timeout FROM lock_limit')).toEqual([{ lock_timeout: '0' }]);
    await source.destroy();
  });

  it('that takes too long is a timeout, and the connection is good for the next', async () => {
    const { source } = await testing.connect();
    const slow = source.transaction(async (tx) => {
      await tx.query(`SET LOCAL statement_timeout = 50`);
      await tx.query('SELECT pg_sleep(5)');
    });
    expect(await slow.catch(toAppError)).toMatchObject({ category: 'timeout' });
    expect(await source.query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('that no longer answers costs a query its time limit, and a connection', async () => {
    const pool = openPool({ query_timeout: 100, max: 2, size: 2 });
    const client = await pool.connect();
    const error = await client.query('SELECT pg_sleep(1)').catch(toAppError);
    expect(error).toMatchObject({ category: 'timeout' });
    client.release();
    expect((await pool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    expect(pool.totalCount).toBe(1);
  });

  it('tells who waits too long for a connection that the database is not available', async () => {
    const pool = openPool({ max: 1, size: 1 });
    const holder = await pool.connect();
    pool.options.connectionTimeoutMillis = 50;
    expect(await pool.query('SELECT 1').catch(toAppError)).toMatchObject({ code: 'database_unavailable' });
    holder.release();
  });

  it('is brought up to date once by three processes at the same time', async () => {
    const empty = await testDatabase();
    const outputs = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = runSource('migrate-once.ts', empty.url);
        let output = '';
        child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
        const [code] = await once(child, 'close');
        expect(code).toBe(0);
        return output;
      }),
    );
    expect(outputs.toSorted()).toEqual(['["JobQueue1763700010001"]', '[]', '[]']);
    await empty.close();
  });
});
