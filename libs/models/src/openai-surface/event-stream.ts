import { Readable } from 'node:stream';
import { failureOf, openAiFailureBody } from '@guildhall/core';
import { AppError, UpstreamError } from '@guildhall/sdk';

/** The bytes of a streamed answer on their way to the client, who has not been told a status before the first of them. */
export class EventStream {
  readonly readable: Readable;
  private readonly first = Promise.withResolvers<void>();
  private resume: (() => void) | undefined;
  private isOpen = false;

  constructor() {
    this.readable = new Readable({
      read: () => this.release(),
      destroy: (error, done) => {
        this.release();
        done(error);
      },
    });
  }

  /** Resolves when there is something to send. Rejects with what failed before. */
  get opened(): Promise<void> {
    return this.first.promise;
  }

  /** A promise: the client reads slower than the model writes. */
  readonly write = (bytes: Uint8Array): void | Promise<void> => {
    if (!this.isOpen) {
      this.isOpen = true;
      this.first.resolve();
    }
    if (this.readable.destroyed || this.readable.push(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.resume = resolve;
    return promise;
  };

  end(): void {
    if (!this.isOpen) this.first.resolve();
    this.readable.push(null);
  }

  /** After the first bytes an error can only be an event; clients of OpenAI throw it. */
  fail(thrown: unknown): void {
    if (!this.isOpen) return this.first.reject(thrown);
    if (this.readable.destroyed) return;
    const error = AppError.is(thrown)
      ? thrown
      : new UpstreamError('provider_unavailable', 'The stream broke off', { cause: thrown });
    this.readable.push(`\ndata: ${JSON.stringify(openAiFailureBody(failureOf(error)))}\n\n`);
    this.readable.push(null);
  }

  private release(): void {
    this.resume?.();
    this.resume = undefined;
  }
}
