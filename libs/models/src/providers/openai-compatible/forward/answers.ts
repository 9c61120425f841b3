import { UpstreamError, type OnBytes } from '@guildhall/sdk';
import { malformed } from '../../ai-sdk/failure.js';
import type { Receiver, WireHeaders } from './post.js';
import { refusal } from './refusal.js';
import { StreamScan } from './stream-scan.js';

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

/** An answer that is read before anything is passed on: a complete reply, or a refusal. */
export class WholeAnswer implements Receiver {
  private status = 0;
  private headers: WireHeaders = {};
  private readonly pieces: Buffer[] = [];
  private size = 0;

  constructor(private readonly provider: string) {}

  onHead(status: number, headers: WireHeaders): void {
    this.status = status;
    this.headers = headers;
  }

  onData(bytes: Buffer): void {
    this.size += bytes.length;
    if (this.size > (this.isRefused ? MAX_REFUSAL_BYTES : MAX_BYTES)) {
      if (this.isRefused) throw this.refusal();
      throw new UpstreamError('provider_malformed_reply', 'The reply is too large', { provider: this.provider });
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
    return refusal(this.provider, this.status, this.headers, this.read());
  }

  private read(): string {
    return (this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces)).toString('utf8');
  }
}

/** A stream that is passed on as it comes. */
export class StreamAnswer implements Receiver {
  private readonly scan: StreamScan;
  /** Instead of a stream. */
  private refused: WholeAnswer | undefined;

  constructor(
    private readonly provider: string,
    passUsage: boolean,
    private readonly onBytes: OnBytes,
    private readonly onToken: () => void,
  ) {
    this.scan = new StreamScan(provider, passUsage);
  }

  onHead(status: number, headers: WireHeaders): void {
    if (status >= 200 && status < 300) {
      if (String(headers['content-type']).includes('text/event-stream')) return;
      throw malformed(this.provider, 'is no event stream');
    }
    this.refused = new WholeAnswer(this.provider);
    this.refused.onHead(status, headers);
  }

  onData(bytes: Buffer): void | Promise<void> {
    if (this.refused) return this.refused.onData(bytes);
    return this.pass(this.scan.take(bytes));
  }

  async end(): Promise<StreamScan> {
    this.refused?.text();
    await this.pass(this.scan.end());
    return this.scan;
  }

  private pass(bytes: Buffer): void | Promise<void> {
    if (this.scan.begun) this.onToken();
    return bytes.length === 0 ? undefined : this.onBytes(bytes);
  }
}
