import type { Dispatcher } from 'undici';
import { tooLarge } from './outbound-body.js';
import type { Judge } from './outbound-judge.js';

/** How much of an answer waits in memory for a reader who has not come yet. */
const READ_AHEAD_BYTES = 64 * 1024;

/** The body of an answer, as the socket brings it, for one reader: whole, or piece by piece at the reader's pace. */
export class ReceivedBody {
  private pieces: Buffer[] = [];
  private held = 0;
  private ended = false;
  private error: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly controller: Dispatcher.DispatchController) {}

  /** What the socket brought. */
  take(piece: Buffer): void {
    this.pieces.push(piece);
    this.held += piece.length;
    if (this.held > READ_AHEAD_BYTES) this.controller.pause();
    this.wake?.();
  }

  end(error?: Error): void {
    this.ended = true;
    this.error ??= error;
    this.wake?.();
  }

  /** Gives up at the first byte too many. */
  async bytes(maxBytes: number, judge?: Judge): Promise<Buffer> {
    const all: Buffer[] = [];
    let size = 0;
    for (let piece = await this.next(); piece; piece = await this.next()) {
      size += piece.length;
      const refusal = size > maxBytes ? tooLarge(maxBytes) : judge?.(piece);
      if (refusal) {
        this.controller.abort(refusal);
        throw refusal;
      }
      all.push(piece);
    }
    return all.length === 1 ? all[0]! : Buffer.concat(all, size);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    let read = false;
    try {
      for (let piece = await this.next(); piece; piece = await this.next()) yield piece;
      read = true;
    } finally {
      if (!read) this.abort();
    }
  }

  stream(judge?: Judge): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (stream) => {
        const piece = await this.next();
        if (!piece) return stream.close();
        const refusal = judge?.(piece);
        if (!refusal) return stream.enqueue(piece);
        this.controller.abort(refusal);
        stream.error(refusal);
      },
      cancel: () => this.abort(),
    });
  }

  /** Nobody reads on. */
  abort(): void {
    if (!this.ended) this.controller.abort(new Error('The answer is not read to its end'));
  }

  /** What is there, in one piece; undefined at the end. */
  private async next(): Promise<Buffer | undefined> {
    while (this.pieces.length === 0 && !this.ended) {
      if (this.controller.paused) this.controller.resume();
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    this.wake = undefined;
    if (this.error) throw this.error;
    const { pieces } = this;
    if (pieces.length === 0) return undefined;
    this.pieces = [];
    this.held = 0;
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }
}
