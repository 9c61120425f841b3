import type { Duplex } from 'node:stream';
import { type Answer, errorResponse, message, readAnswer, readyForQuery, simpleQuery } from './wire.js';

const FLUSH = message('H');

function endsWithFlush(bytes: Buffer): boolean {
  return bytes.subarray(-FLUSH.length).equals(FLUSH);
}

/** Executes messages of the wire protocol; PGlite, in its thread. */
export interface Backend {
  execProtocolRaw(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface BackendQueueOptions {
  /** How long a connection may wait for another one's transaction, in ms. */
  readonly waitLimitMs: number;
  /** How long an open transaction may do nothing while others wait, in ms. */
  readonly idleInTransactionMs: number;
}

interface Batch {
  /** Undefined for what a connection leaves behind. */
  readonly socket: Duplex | undefined;
  readonly bytes: Buffer;
  readonly since: number;
}

const WAIT_LIMIT_EXCEEDED = '55P03';
const IDLE_IN_TRANSACTION = '25P03';
const CONNECTION_FAILURE = '08006';

/**
 * Shares the one backend between connections, a batch at a time. While a connection's transaction is open, the backend
 * is its own and the others wait: up to a limit, because a transaction that waits for another connection waits for ever.
 */
export class BackendQueue {
  private readonly sockets = new Set<Duplex>();
  private queue: Batch[] = [];
  private holder: Duplex | undefined;
  private holderIdleSince = 0;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failure: string | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly options: BackendQueueOptions,
  ) {}

  join(socket: Duplex): void {
    this.sockets.add(socket);
  }

  submit(socket: Duplex | undefined, bytes: Buffer): void {
    if (this.failure !== undefined) return this.refuse(socket, this.failure);
    this.queue.push({ socket, bytes, since: performance.now() });
    this.running ??= this.run();
    this.watch();
  }

  /** The connection is gone: its transaction is rolled back, then `cleanUp` runs. */
  leave(socket: Duplex, cleanUp: Buffer | undefined): void {
    this.sockets.delete(socket);
    this.queue = this.queue.filter((batch) => batch.socket !== socket);
    if (this.holder === socket) this.submit(socket, simpleQuery('ROLLBACK'));
    if (cleanUp) this.submit(undefined, cleanUp);
  }

  /** Lets what is queued finish, then refuses everything. */
  async close(): Promise<void> {
    while (this.running) await this.running;
    clearTimeout(this.timer);
    this.fail('The embedded database is closed');
  }

  private async run(): Promise<void> {
    await undefined;
    for (let batch = this.take(); batch; batch = this.take()) await this.execute(batch);
    // In the same tick that found the queue empty: a batch submitted a moment later must start the next run.
    this.running = undefined;
  }

  private take(): Batch | undefined {
    if (this.holder === undefined) return this.queue.shift();
    const index = this.queue.findIndex(({ socket }) => socket === this.holder);
    return index < 0 ? undefined : this.queue.splice(index, 1)[0];
  }

  private async execute({ socket, bytes }: Batch): Promise<void> {
    let answer: Answer;
    try {
      const raw = await this.backend.execProtocolRaw(bytes);
      answer = readAnswer(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
    } catch (error) {
      return this.fail(
        `The embedded database has stopped: ${error instanceof Error ? error.message : 'unknown fault'}`,
      );
    }
    this.holder = answer.status === 'I' ? undefined : socket;
    this.holderIdleSince = performance.now();
    if (socket && this.sockets.has(socket)) socket.push(answer.forClient);
    // All connections are one session, so whoever listens, any answer may carry the notification.
    for (const notification of answer.notifications) for (const each of this.sockets) each.push(notification);
    const { holder } = this;
    if (holder && !this.sockets.has(holder) && !this.queue.some((batch) => batch.socket === holder)) {
      this.queue.push({ socket: holder, bytes: simpleQuery('ROLLBACK'), since: performance.now() });
    }
  }

  private watch(): void {
    if (this.timer) return;
    const oldest = this.queue.find((batch) => this.mayBeRefused(batch));
    if (!oldest) return;
    const wait = Math.max(oldest.since + this.options.waitLimitMs - performance.now(), 1);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.endIdleTransaction();
      this.refuseOverdue();
      this.watch();
    }, wait);
    this.timer.unref();
  }

  private refuseOverdue(): void {
    const { waitLimitMs } = this.options;
    const deadline = performance.now() - waitLimitMs;
    const overdue = this.queue.filter((batch) => batch.since <= deadline && this.mayBeRefused(batch));
    this.queue = this.queue.filter((batch) => !overdue.includes(batch));
    for (const { socket, bytes } of overdue) {
      const text = `The embedded database was busy with another connection's transaction for ${waitLimitMs} ms. Inside a transaction use its EntityManager only: waiting there for a second connection never ends`;
      socket?.push(errorResponse('ERROR', WAIT_LIMIT_EXCEEDED, text));
      // After a Flush the client still sends its Sync, and that is what gets the answer.
      if (!endsWithFlush(bytes)) socket?.push(readyForQuery('I'));
    }
  }

  private mayBeRefused({ socket }: Batch): boolean {
    return socket !== undefined && socket !== this.holder;
  }

  private endIdleTransaction(): void {
    const idle = performance.now() - this.holderIdleSince;
    if (this.holder === undefined || this.running || idle < this.options.idleInTransactionMs) return;
    const text = `The transaction did nothing for ${this.options.idleInTransactionMs} ms while others waited; it was rolled back`;
    this.refuse(this.holder, text, IDLE_IN_TRANSACTION);
  }

  private fail(reason: string): void {
    this.failure = reason;
    this.holder = undefined;
    this.queue = [];
    for (const socket of this.sockets) this.refuse(socket, reason);
  }

  /** Ends the connection, after the client has read why. */
  private refuse(socket: Duplex | undefined, reason: string, code = CONNECTION_FAILURE): void {
    if (!socket || !this.sockets.has(socket)) return;
    this.leave(socket, undefined);
    socket.push(errorResponse('FATAL', code, reason));
    socket.push(null);
  }
}
