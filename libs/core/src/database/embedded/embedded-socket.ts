import { Duplex } from 'node:stream';
import type { BackendQueue } from './backend-queue.js';
import { FrameReader } from './frame-reader.js';
import { StatementNames } from './statement-names.js';
import { REFUSE_ENCRYPTION, SYNC, errorResponse, readStartup, welcome } from './wire.js';

const PARAMETERS = {
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
};

/** Messages after which the server answers: Query, Sync, Flush, CopyDone, CopyFail. */
const ENDS_BATCH = new Set([...'QSHcf'].map((type) => type.charCodeAt(0)));
const TERMINATE = 'X'.charCodeAt(0);

/** Looks to `pg` like the socket of a Postgres server: its `stream` option. */
export class EmbeddedSocket extends Duplex {
  private readonly reader = new FrameReader();
  private readonly names: StatementNames;
  private started = false;
  private batch: Buffer[] = [];

  constructor(
    private readonly backend: BackendQueue,
    private readonly serverVersion: string,
    id: number,
  ) {
    super({ allowHalfOpen: false });
    this.names = new StatementNames(`c${id}_`);
  }

  // What pg asks of a net.Socket.
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.receive(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.receive(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const statements = this.names.closeAll();
    this.backend.leave(this, statements.length === 0 ? undefined : Buffer.concat([...statements, SYNC]));
    done(error);
  }

  private receive(chunk: Buffer): void {
    for (const frame of this.reader.push(chunk)) {
      if (this.started) this.receiveMessage(frame);
      // A start-up packet is alone in its chunk: the client waits for the answer.
      else this.receiveStartup(frame);
    }
  }

  private receiveStartup(packet: Buffer): void {
    const startup = readStartup(packet);
    if (startup.kind === 'encryption-request') return void this.push(REFUSE_ENCRYPTION);
    if (startup.kind === 'unknown') {
      this.push(errorResponse('FATAL', '08P01', 'The embedded database speaks protocol 3.0 only'));
      return void this.push(null);
    }
    this.started = true;
    this.reader.startupDone();
    this.backend.join(this);
    this.push(welcome({ server_version: this.serverVersion, ...PARAMETERS }));
  }

  private receiveMessage(frame: Buffer): void {
    if (frame[0] === TERMINATE) return void this.destroy();
    this.batch.push(this.names.rename(frame));
    if (!ENDS_BATCH.has(frame[0]!)) return;
    const batch = this.batch.length === 1 ? this.batch[0]! : Buffer.concat(this.batch);
    this.batch = [];
    this.backend.submit(this, batch);
  }
}
