import pg from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import { currentTally } from '../telemetry/log-context.js';
import type { RequestTally } from '../telemetry/request-tally.js';
import { TalliedClient } from './tallied-client.js';

export interface ElasticPoolConfig extends PoolConfig {
  /** Connections kept open; up to `max` are opened when these are taken, and closed when the crowd is over. */
  readonly size: number;
  /** How long more than `size` must not have been in use before one above it is closed, in ms. Default 10 000. */
  readonly calmMs?: number;
}

type Release = (error?: Error | boolean) => void;
type Acquired = (error: Error | undefined, client: PoolClient | undefined, release: Release) => void;

/** After this long in the pool a connection is tried before use: a firewall may have forgotten it. */
const TRY_AFTER_IDLE_MS = 30_000;
const TRY_TIMEOUT_MS = 2_000;

/**
 * A `pg.Pool` of three sizes: `min` connections stay when all is quiet, `size` under load, and an overflow up to `max`
 * while the load lasts.
 */
export class ElasticPool extends pg.Pool {
  private readonly size: number;
  private readonly calmMs: number;
  private lastCrowded = -Infinity;
  private readonly lastUsed = new WeakMap<PoolClient, number>();

  constructor(config: ElasticPoolConfig) {
    super({ ...config, Client: TalliedClient });
    this.size = config.size;
    this.calmMs = config.calmMs ?? 10_000;
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Acquired): void;
  override connect(callback?: Acquired): Promise<PoolClient> | void {
    if (callback) return this.acquire(callback);
    return new Promise((resolve, reject) =>
      this.acquire((error, client) => (client ? resolve(client) : reject(error))),
    );
  }

  private acquire(callback: Acquired): void {
    // Asked now: a connection that had to be waited for comes in the async context of whoever gave it back.
    const holder = currentTally();
    super.connect((error, client, release) => {
      if (!client) return callback(error, undefined, release);
      if (!this.mustBeTried(client)) return this.hand(client, holder, callback);
      client.query({ text: 'SELECT 1', query_timeout: TRY_TIMEOUT_MS } as pg.QueryConfig).then(
        () => this.hand(client, holder, callback),
        () => {
          client.release(true);
          this.acquire(callback);
        },
      );
    });
  }

  private mustBeTried(client: PoolClient): boolean {
    const lastUsed = this.lastUsed.get(client);
    return lastUsed !== undefined && performance.now() - lastUsed > TRY_AFTER_IDLE_MS;
  }

  private hand(client: PoolClient, holder: RequestTally | undefined, callback: Acquired): void {
    const tallied = client as unknown as TalliedClient;
    tallied.holder = holder;
    const giveBack: Release = client.release.bind(client);
    client.release = (error) => {
      tallied.holder = undefined;
      this.lastUsed.set(client, performance.now());
      giveBack(error ?? (this.isSurplus() || isBusy(client)));
    };
    callback(undefined, client, client.release);
  }

  /** Not as soon as one is idle: a load just above `size` would open and close a connection for every query. */
  private isSurplus(): boolean {
    if (this.totalCount <= this.size) return false;
    if (this.totalCount - this.idleCount > this.size) this.lastCrowded = performance.now();
    return performance.now() - this.lastCrowded > this.calmMs;
  }
}

/** Still owed an answer, after a query that timed out on our side: the next user would wait for that answer. */
function isBusy(client: PoolClient): boolean {
  return (client as unknown as { readyForQuery: boolean | null }).readyForQuery === false;
}
