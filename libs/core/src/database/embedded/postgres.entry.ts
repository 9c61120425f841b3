import { parentPort, workerData } from 'node:worker_threads';
import type { EmbeddedLocation } from './embedded-location.js';
import { openPostgres } from './open-postgres.js';

/** Messages of the wire protocol to execute, or what else the thread does. */
export type Order = Uint8Array<ArrayBuffer> | 'dump' | 'close';
/** What it says first, then one thing for each order, as they came. */
export type Said =
  | { readonly version: string }
  | { readonly done: Uint8Array<ArrayBuffer> | Blob | undefined }
  | { readonly failed: string };

const port = parentPort!;
const postgres = await openPostgres(workerData as EmbeddedLocation);
const { rows } = await postgres.query<{ server_version: string }>('SHOW server_version');
let turn = Promise.resolve();
port.on('message', (order: Order) => (turn = turn.then(() => follow(order))));
say({ version: rows[0]!.server_version });

async function follow(order: Order): Promise<void> {
  try {
    const done = await (order === 'dump' ? dump() : order === 'close' ? postgres.close() : execute(order));
    say({ done: done ?? undefined }, done instanceof Uint8Array ? [done.buffer] : []);
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : 'unknown fault' });
  }
}

const execute = async (bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  (await postgres.execProtocolRaw(bytes)) as Uint8Array<ArrayBuffer>;

async function dump(): Promise<Blob> {
  await postgres.exec('CHECKPOINT');
  return postgres.dumpDataDir('none');
}

function say(said: Said, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(said, transfer);
}
