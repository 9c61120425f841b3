import pg from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import { type LogFields, currentLogFields } from '../telemetry/log-context.js';
import { type OnAnswer, TalliedClient } from './tallied-client.js';

export interface ElasticPoolConfig extends PoolConfig {
  /** Connections kept open; up to `max` are opened when these are taken, and closed when the crowd is over. */
  readonly size: number;
  /** How long more than `size` must not have been in use before one above it is closed, in ms. Default 10 000. */
  readonly calmMs?: number;
}

type Release = (error?: Error | boolean) => void;
type Acquired = (error: Error | undefined, client: PoolClient | undefined, release: Release) => void;

/** Whoever asked for a connection. */
interface Waiting {
  readonly callback: Acquired;
  readonly holder: LogFields | undefined;
  readonly since: number;
}

/** After this long in the pool a connection is tried before use: a firewall may have forgotten it. */
const TRY_AFTER_IDLE_MS = 30_000;
const TRY_TIMEOUT_MS = 2_000;
/** The server has no connection left, for us or for ordinary users. */
const TOO_MANY = '53300';
/** How long to make do with the connections there are, once the server has refused one more. */
const CONTENT_MS = 5_000;
const AGAIN_MS = 100;

/**
 * A `pg.Pool` of three sizes: `min` connections stay when all is quiet, `size` under load, and an overflow up to `max`
 * while the load lasts. Where the server gives fewer than that, callers queue for those there are.
 */
export class ElasticPool extends pg.Pool {
  /** Told of every answer to a statement of whoever holds a connection. */
  onAnswer: OnAnswer | undefined;
  private readonly size: number;
  private readonly calmMs: number;
  private readonly wanted: number;
  private content: NodeJS.Timeout | undefined;
  private lastCrowded = -Infinity;
  private readonly lastUsed = new WeakMap<PoolClient, number>();

  constructor(config: ElasticPoolConfig) {
    super({ ...config, Client: TalliedClient });
    this.size = config.size;
    this.calmMs = config.calmMs ?? 10_000;
    this.wanted = this.options.max;
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Acquired): void;
  override connect(callback?: Acquired): Promise<PoolClient> | void {
    // Asked now: a connection that had to be waited for comes in the async context of whoever gave it back.
    const holder = currentLogFields();
    const since = performance.now();
    if (callback) return this.acquire({ callback, holder, since });
    return new Promise((resolve, reject) =>
      this.acquire({ callback: (error, client) => (client ? resolve(client) : reject(error)), holder, since }),
    );
  }

  private acquire(waiting: Waiting): void {
    super.connect((error, client, release) => {
      if (!client) return this.queueOrFail(waiting, error, release);
      if (!this.mustBeTried(client)) return this.hand(client, waiting);
      client.query({ text: 'SELECT 1', query_timeout: TRY_TIMEOUT_MS } as pg.QueryConfig).then(
        () => this.hand(client, waiting),
        () => {
          client.release(true);
          this.acquire(waiting);
        },
      );
    });
  }

  /** A server that has no connection left for us has not failed: whoever asks waits for one of those we have. */
  private queueOrFail(waiting: Waiting, error: Error | undefined, release: Release): void {
    const refused = (error as { code?: unknown } | undefined)?.code === TOO_MANY;
    const late = performance.now() - waiting.since > (this.options.connectionTimeoutMillis ?? 0);
    if (!refused || late || this.ending) return waiting.callback(error, undefined, release);
    this.options.max = Math.max(1, Math.min(this.options.max, this.totalCount));
    this.content ??= setTimeout(() => {
      this.content = undefined;
      this.options.max = this.wanted;
    }, CONTENT_MS).unref();
    setTimeout(() => this.acquire(waiting), AGAIN_MS).unref();
  }

  private mustBeTried(client: PoolClient): boolean {
    const lastUsed = this.lastUsed.get(client);
    return lastUsed !== undefined && performance.now() - lastUsed > TRY_AFTER_IDLE_MS;
  }

  private hand(client: PoolClient, { holder, callback }: Waiting): void {
    const tallied = client as unknown as TalliedClient;
    tallied.holder = holder;
    tallied.onAnswer = this.onAnswer;
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
