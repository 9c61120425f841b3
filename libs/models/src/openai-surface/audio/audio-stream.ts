import { PassThrough, type Readable } from 'node:stream';

/** Audio on its way to the client, who has not been told a status before the first of it. */
export class AudioStream {
  private readonly first = Promise.withResolvers<void>();
  /** Its failure is told by whoever reads it; there may be nobody yet. */
  private readonly through = new PassThrough().on('error', () => undefined);

  get readable(): Readable {
    return this.through;
  }

  /** Resolves when there is something to send. Rejects with what failed before. */
  get opened(): Promise<void> {
    return this.first.promise;
  }

  /** A promise: the client reads slower than the model speaks. */
  readonly write = (bytes: Uint8Array): void | Promise<void> => {
    this.first.resolve();
    if (this.through.destroyed || this.through.write(bytes)) return;
    return new Promise((resolve) => this.through.once('drain', resolve).once('close', resolve));
  };

  end(): void {
    this.through.end();
  }

  /** Audio has no words for a failure: after the first of it the connection is cut, so that nobody takes it for whole. */
  fail(error: unknown): void {
    // Without effect once something was sent.
    this.first.reject(error);
    this.through.destroy(error instanceof Error ? error : undefined);
  }
}
