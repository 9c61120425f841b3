import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { retry } from '../../libs/core/src/resilience/retry.js';
import { freePort } from '../../libs/testing/src/server-process.js';
import { Daemon } from './daemon.js';
import { findProgram, postgresUser } from './programs.js';
import type { Stage } from './stage.js';
import { until } from './until.js';

const execute = promisify(execFile);

const TOO_MANY_CONNECTIONS = '53300';

/** A throwaway PostgreSQL with fsync on, which may be restarted the hard way, frozen and questioned. */
export class Postgres {
  private constructor(
    private readonly port: number,
    private readonly daemon: Daemon,
  ) {}

  static async start(stage: Stage, settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
    const user = postgresUser();
    const directory = await mkdtemp(join(tmpdir(), 'guildhall-faults-pg-'));
    stage.after(() => rm(directory, { recursive: true, force: true }));
    await chown(directory, user.uid, user.gid);
    const data = join(directory, 'data');
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    await execute(findProgram('initdb'), initdb, { ...user, cwd: directory });
    const port = await freePort();
    const all = { fsync: 'on', max_connections: '200', ...settings };
    const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', directory];
    for (const [name, value] of Object.entries(all)) args.push('-c', `${name}=${value}`);
    const daemon = new Daemon(findProgram('postgres'), args, { ...user, cwd: directory });
    const postgres = new Postgres(port, daemon);
    stage.after(() => daemon.end('SIGQUIT'));
    await postgres.up();
    await postgres.query(`CREATE ROLE guildhall LOGIN`, [], 'postgres');
    await postgres.createDatabase('guildhall');
    return postgres;
  }

  /** For Guildhall, which is no superuser: a few connections stay reserved for the harness. */
  urlOf(database = 'guildhall', role = 'guildhall'): string {
    return `postgres://${role}@127.0.0.1:${this.port}/${database}`;
  }

  async createDatabase(name: string): Promise<void> {
    await this.query(`CREATE DATABASE ${name} OWNER guildhall`, [], 'postgres');
  }

  /** As `pg_ctl -m immediate` does: no checkpoint, connections cut, recovery at the next start. */
  crash(): Promise<void> {
    return this.daemon.end('SIGQUIT');
  }

  /** Starts it and waits until it takes connections. */
  async up(): Promise<void> {
    if (!this.daemon.running) this.daemon.start();
    await until('PostgreSQL answers', () => this.query('SELECT 1', [], 'postgres').then(() => true), 30_000);
  }

  freeze(): void {
    this.daemon.freeze();
  }

  thaw(): void {
    this.daemon.thaw();
  }

  /** On a connection of its own, so that a restart in between is nobody's concern. */
  async query<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
    database = 'guildhall',
  ): Promise<Row[]> {
    const client = await this.connect(database);
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Asks again while there is none: a crowd that is being refused holds even the reserved ones for a moment. */
  connect(database = 'guildhall'): Promise<pg.Client> {
    const retryable = (error: unknown) => (error as pg.DatabaseError).code === TOO_MANY_CONNECTIONS;
    const options = { retryable, signal: AbortSignal.timeout(10_000), attempts: Infinity, delayMs: () => 20 };
    return retry(() => this.connectOnce(database), options);
  }

  private async connectOnce(database: string): Promise<pg.Client> {
    const connectionString = this.urlOf(database, 'postgres');
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
