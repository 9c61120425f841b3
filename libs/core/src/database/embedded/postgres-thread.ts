import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Backend } from './backend-queue.js';
import type { EmbeddedLocation } from './embedded-location.js';
// The build takes along what is imported, be it for a type alone: this is what the thread begins with.
import type { Order, Said } from './postgres.entry.js';

type Done = Extract<Said, { done: unknown }>['done'];

const ENTRY = new URL('./postgres.entry.js', import.meta.url);

/**
 * PGlite in a thread of its own: a statement that takes long takes none of the event loop's time. The thread keeps the
 * process alive while it owes an answer, and no longer.
 */
export class PostgresThread implements Backend {
  private readonly owed: PromiseWithResolvers<Done>[] = [];
  private ended: Error | undefined;

  private constructor(
    private readonly worker: Worker,
    readonly version: string,
  ) {
    worker.on('message', (said: Said) => this.hear(said));
    worker.on('error', (error: Error) => this.end(error));
    worker.on('exit', () => this.end(new Error('its thread has ended')));
    worker.unref();
  }

  static async open(location: EmbeddedLocation): Promise<PostgresThread> {
    const worker = new Worker(ENTRY, { workerData: location });
    const [{ version }] = (await once(worker, 'message')) as [{ version: string }];
    return new PostgresThread(worker, version);
  }

  async execProtocolRaw(bytes: Uint8Array): Promise<Uint8Array> {
    // A copy to give away: these bytes may be a piece of what others use.
    const own = new Uint8Array(bytes);
    return (await this.ask(own, [own.buffer])) as Uint8Array;
  }

  /** As a tar file. */
  async dump(): Promise<Blob> {
    return (await this.ask('dump')) as Blob;
  }

  async close(): Promise<void> {
    if (!this.ended) await this.ask('close');
    await this.worker.terminate();
  }

  private ask(order: Order, transfer: readonly ArrayBuffer[] = []): Promise<Done> {
    if (this.ended) return Promise.reject(this.ended);
    const answer = Promise.withResolvers<Done>();
    if (this.owed.push(answer) === 1) this.worker.ref();
    this.worker.postMessage(order, transfer);
    return answer.promise;
  }

  private hear(said: Said): void {
    const answer = this.owed.shift();
    if (this.owed.length === 0) this.worker.unref();
    if ('failed' in said) answer?.reject(new Error(said.failed));
    else if ('done' in said) answer?.resolve(said.done);
  }

  private end(reason: Error): void {
    this.ended ??= reason;
    for (const answer of this.owed.splice(0)) answer.reject(this.ended);
  }
}
