import { Readable } from 'node:stream';
import { failureOf, openAiFailureBody } from '@guildhall/core';
import { AppError, UpstreamError } from '@guildhall/sdk';

/** A comment, which clients skip: it keeps what lies between from taking silence for the end. */
const HEARTBEAT = Buffer.from(': still here\n\n');
const HEARTBEAT_MS = 15_000;

/** The bytes of a streamed answer on their way to the client, who has not been told a status before the first of them. */
export class EventStream {
  readonly readable: Readable;
  private readonly first = Promise.withResolvers<void>();
  private readonly heartbeat: NodeJS.Timeout;
  private resume: (() => void) | undefined;
  private hasOpened = false;
  private isSilent = true;

  /** `opensSilent`: a first word that takes long is waited for with heartbeats, and failures are events from then on. */
  constructor({ opensSilent = false }: { readonly opensSilent?: boolean } = {}) {
    this.readable = new Readable({
      read: () => this.release(),
      destroy: (error, done) => {
        clearInterval(this.heartbeat);
        this.release();
        done(error);
      },
    });
    this.heartbeat = setInterval(() => this.beat(opensSilent), HEARTBEAT_MS).unref();
  }

  /** Resolves when there is something to send. Rejects with what failed before. */
  get opened(): Promise<void> {
    return this.first.promise;
  }

  /** Whether the client has its status. */
  get isOpen(): boolean {
    return this.hasOpened;
  }

  /** A promise: the client reads slower than the model writes. */
  readonly write = (bytes: Uint8Array): void | Promise<void> => {
    this.open();
    this.isSilent = false;
    if (this.readable.destroyed || this.readable.push(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.resume = resolve;
    return promise;
  };

  end(): void {
    this.open();
    this.close();
  }

  /** After the first bytes an error can only be an event; clients of OpenAI throw it. */
  fail(thrown: unknown): void {
    clearInterval(this.heartbeat);
    if (!this.isOpen) return this.first.reject(thrown);
    if (this.readable.destroyed) return;
    const error = AppError.is(thrown)
      ? thrown
      : new UpstreamError('provider_unavailable', 'The stream broke off', { cause: thrown });
    this.readable.push(`\ndata: ${JSON.stringify(openAiFailureBody(failureOf(error)))}\n\n`);
    this.close();
  }

  private open(): void {
    if (this.hasOpened) return;
    this.hasOpened = true;
    this.first.resolve();
  }

  private close(): void {
    clearInterval(this.heartbeat);
    this.readable.push(null);
  }

  /** Pieces are whole events, so a comment may come between any two. A reader that lags needs none. */
  private beat(opens: boolean): void {
    if (this.isSilent && (opens || this.hasOpened) && this.readable.readableLength === 0) {
      this.open();
      this.readable.push(HEARTBEAT);
    }
    this.isSilent = true;
  }

  private release(): void {
    this.resume?.();
    this.resume = undefined;
  }
}
