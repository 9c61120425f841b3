import { type Readable, type Transform, pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { UpstreamError } from '@guildhall/sdk';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What the client may be sent. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

/** Answers that have headers about a body, but none. */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** The body without its content encoding. One layer only: nobody needs more, except who builds bombs. */
export function decoded(body: Readable, encoding: string | undefined): Readable {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return body;
  const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (!decoder) {
    drop(body);
    throw new UpstreamError('outbound_failed', 'The server answered in an encoding that is not understood');
  }
  // A failure of either side ends the other; the reader sees it on the stream it reads.
  return pipeline(body, decoder(), () => undefined);
}

/** Ends a body that nobody reads; that it was ended is no error then. */
function drop(body: Readable): void {
  body.on('error', () => undefined).destroy();
}

/** Reads it all, and gives up at the first byte too many, decompressed ones included. */
export async function readAtMost(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

export function tooLarge(maxBytes: number): UpstreamError {
  const message = `The server's answer is larger than ${maxBytes} bytes`;
  return new UpstreamError('outbound_response_too_large', message, { retryable: false });
}
