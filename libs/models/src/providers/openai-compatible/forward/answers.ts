import type { OnBytes, VendorUsage } from '@guildhall/sdk';
import type { Deadlines } from '../../ai-sdk/deadlines.js';
import { malformed } from '../../ai-sdk/failure.js';
import type { KeyEcho } from '../../ai-sdk/key-echo.js';
import { MAX_REFUSAL_BYTES, MAX_REPLY_BYTES, MAX_STREAM_BYTES } from '../../ai-sdk/reply-limits.js';
import type { Receiver, WireHeaders } from './post.js';
import { refusal } from './refusal.js';
import { StreamScan } from './stream-scan.js';

/** An answer that is read before anything is passed on: a complete reply, or a refusal. */
export class WholeAnswer implements Receiver {
  private status = 0;
  private headers: WireHeaders = {};
  private readonly pieces: Buffer[] = [];
  private size = 0;

  private hasKey = false;

  constructor(
    private readonly provider: string,
    private readonly echo: KeyEcho,
  ) {}

  onHead(status: number, headers: WireHeaders): void {
    this.status = status;
    this.headers = headers;
    if (!this.isRefused && Number(headers['content-length']) > MAX_REPLY_BYTES) throw tooLarge(this.provider);
  }

  onData(bytes: Buffer): void {
    this.size += bytes.length;
    this.hasKey ||= this.echo.isIn(bytes);
    if (this.isRefused) {
      if (this.size > MAX_REFUSAL_BYTES) throw this.refusal();
    } else {
      if (this.size > MAX_REPLY_BYTES) throw tooLarge(this.provider);
      if (this.hasKey) throw keyRepeated(this.provider);
    }
    this.pieces.push(bytes);
  }

  /** Throws what the vendor refused with. */
  text(): string {
    if (this.isRefused) throw this.refusal();
    return this.read();
  }

  private get isRefused(): boolean {
    return this.status < 200 || this.status > 299;
  }

  private refusal(): Error {
    return refusal(this.provider, this.status, this.headers, this.hasKey ? '' : this.read());
  }

  private read(): string {
    return (this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces)).toString('utf8');
  }
}

/** A stream that is passed on as it comes. */
export class StreamAnswer implements Receiver {
  private readonly scan: StreamScan;
  private size = 0;
  /** Instead of a stream. */
  private refused: WholeAnswer | undefined;

  constructor(
    private readonly provider: string,
    private readonly echo: KeyEcho,
    passUsage: boolean,
    private readonly onBytes: OnBytes,
    private readonly deadlines: Pick<Deadlines, 'token' | 'pause'>,
  ) {
    this.scan = new StreamScan(provider, passUsage);
  }

  onHead(status: number, headers: WireHeaders): void {
    if (status >= 200 && status < 300) {
      if (String(headers['content-type']).includes('text/event-stream')) return;
      throw malformed(this.provider, 'is no event stream');
    }
    this.refused = new WholeAnswer(this.provider, this.echo);
    this.refused.onHead(status, headers);
  }

  onData(bytes: Buffer): void | Promise<void> {
    if (this.refused) return this.refused.onData(bytes);
    if ((this.size += bytes.length) > MAX_STREAM_BYTES) throw tooLarge(this.provider);
    if (this.echo.isIn(bytes)) throw keyRepeated(this.provider);
    return this.pass(this.scan.take(bytes));
  }

  get begun(): boolean {
    return this.scan.begun;
  }

  /** Whether the vendor has said that this is all. */
  get isDone(): boolean {
    return this.scan.isDone;
  }

  get usage(): VendorUsage | undefined {
    return this.scan.usage;
  }

  async end(): Promise<void> {
    this.refused?.text();
    await this.pass(this.scan.end());
  }

  private pass(bytes: Buffer): void | Promise<void> {
    if (this.scan.begun && this.scan.moved) this.deadlines.token();
    if (bytes.length === 0) return;
    const taken = this.onBytes(bytes);
    if (!taken) return;
    // It is the reader now who is slow, and none of the vendor's fault.
    this.deadlines.pause();
    return taken.then(() => this.deadlines.token());
  }
}

const tooLarge = (provider: string) => malformed(provider, 'is too large');
const keyRepeated = (provider: string) => malformed(provider, 'repeats the API key');
