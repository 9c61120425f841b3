import { existsSync, openAsBlob } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { PGlite, PGliteOptions } from '@electric-sql/pglite';
import { BackendQueue, type BackendQueueOptions } from './backend-queue.js';
import { DataDirLock } from './data-dir-lock.js';
import type { EmbeddedLocation } from './embedded-location.js';
import { EmbeddedSocket } from './embedded-socket.js';
import { extractTar } from './extract-tar.js';
import { preparedDump } from './prepared-dump.js';

/** The default is twice that, and all of it counts as this process's memory. */
const BUFFERS = '64MB';

const DEFAULTS: BackendQueueOptions = { waitLimitMs: 10_000, idleInTransactionMs: 60_000 };

/**
 * A PostgreSQL inside this process. `connect` gives `pg` its `stream`; everything above cannot tell it from a server,
 * but for one session underneath: session state (`SET`, session advisory locks, temporary tables) is everybody's.
 * A commit survives the end of the process, `kill -9` too; it is not flushed to the disk, so not a power failure.
 */
export class EmbeddedDatabase {
  private connections = 0;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly postgres: PGlite,
    private readonly queue: BackendQueue,
    private readonly version: string,
    private readonly lock: DataDirLock | undefined,
  ) {}

  static async open(location: EmbeddedLocation, options: Partial<BackendQueueOptions> = {}): Promise<EmbeddedDatabase> {
    const lock = location.kind === 'directory' ? DataDirLock.acquire(location.path) : undefined;
    try {
      const postgres = await (location.kind === 'memory' ? openInMemory(location.dump) : openDirectory(location.path));
      // No timer can fire inside, so nothing is cancelled by it; but `SHOW` tells what holds on a server.
      await postgres.exec(`SET statement_timeout = '60s'`);
      const { rows } = await postgres.query<{ server_version: string }>('SHOW server_version');
      const queue = new BackendQueue(postgres, { ...DEFAULTS, ...options });
      return new EmbeddedDatabase(postgres, queue, rows[0]!.server_version, lock);
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  readonly connect = (): Duplex => new EmbeddedSocket(this.queue, this.version, ++this.connections);

  /** The whole database as a tar file, which `pglite:memory?dump=` starts from. */
  async dump(): Promise<Blob> {
    await this.postgres.exec('CHECKPOINT');
    return this.postgres.dumpDataDir('none');
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

async function openInMemory(dump: string | undefined): Promise<PGlite> {
  const file = dump ?? preparedDump();
  return create(file === undefined ? {} : { loadDataDir: await openAsBlob(file) });
}

/** Makes the database beside its place and moves it there whole, so that a crash meanwhile leaves nothing half made. */
async function openDirectory(path: string): Promise<PGlite> {
  const dataDir = join(path, 'postgres');
  if (!existsSync(dataDir)) {
    const preparing = `${dataDir}.preparing`;
    await rm(preparing, { recursive: true, force: true });
    // What is inside is nobody else's business on a shared machine.
    await mkdir(preparing, { recursive: true, mode: 0o700 });
    const dump = preparedDump();
    // Unpacked here: a second database in memory, only to load the dump, would double what the first start takes.
    if (dump) await extractTar(dump, preparing);
    else await (await create({ dataDir: preparing })).close();
    await rename(preparing, dataDir);
  }
  return create({ dataDir });
}

/** Loaded on demand: on a server's database the WebAssembly stays out of memory. */
async function create(options: PGliteOptions): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  const { vector } = await import('@electric-sql/pglite-pgvector');
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${BUFFERS}`];
  return PGlite.create({ ...options, startParams, relaxedDurability: false, extensions: { vector } });
}
