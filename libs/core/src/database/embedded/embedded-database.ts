import type { Duplex } from 'node:stream';
import { BackendQueue, type BackendQueueOptions } from './backend-queue.js';
import { DataDirLock } from './data-dir-lock.js';
import type { EmbeddedLocation } from './embedded-location.js';
import { EmbeddedSocket } from './embedded-socket.js';
import { PostgresThread } from './postgres-thread.js';

const DEFAULTS: BackendQueueOptions = { waitLimitMs: 10_000, idleInTransactionMs: 60_000 };

/**
 * A PostgreSQL inside this process, in a thread of its own. `connect` gives `pg` its `stream`; everything above cannot
 * tell it from a server, but for one session underneath: session state (`SET`, session advisory locks, temporary tables)
 * is everybody's. A commit survives the end of the process, `kill -9` too; it is not flushed to the disk, so not a power
 * failure.
 */
export class EmbeddedDatabase {
  private connections = 0;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly postgres: PostgresThread,
    private readonly queue: BackendQueue,
    private readonly lock: DataDirLock | undefined,
  ) {}

  static async open(location: EmbeddedLocation, options: Partial<BackendQueueOptions> = {}): Promise<EmbeddedDatabase> {
    const lock = location.kind === 'directory' ? DataDirLock.acquire(location.path) : undefined;
    try {
      const postgres = await PostgresThread.open(location);
      return new EmbeddedDatabase(postgres, new BackendQueue(postgres, { ...DEFAULTS, ...options }), lock);
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  readonly connect = (): Duplex => new EmbeddedSocket(this.queue, this.postgres.version, ++this.connections);

  /** The whole database as a tar file, which `pglite:memory?dump=` starts from. */
  dump(): Promise<Blob> {
    return this.postgres.dump();
  }

  close(): Promise<void> {
    return (this.closing ??= this.stop());
  }

  private async stop(): Promise<void> {
    await this.queue.close();
    await this.postgres.close();
    this.lock?.release();
  }
}
