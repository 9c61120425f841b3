import { existsSync, openAsBlob } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { EmbeddedLocation } from './embedded-location.js';
import { extractTar } from './extract-tar.js';
import { preparedDump } from './prepared-dump.js';

/** The default is twice that, and all of it counts as this process's memory. */
const BUFFERS = '64MB';

export async function openPostgres(location: EmbeddedLocation): Promise<PGlite> {
  const postgres = await (location.kind === 'memory' ? openInMemory(location.dump) : openDirectory(location.path));
  // No timer can fire inside, so nothing is cancelled by it; but `SHOW` tells what holds on a server.
  await postgres.exec(`SET statement_timeout = '60s'`);
  return postgres;
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

function create(options: PGliteOptions): Promise<PGlite> {
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${BUFFERS}`];
  return PGlite.create({ ...options, startParams, relaxedDurability: false, extensions: { vector } });
}
