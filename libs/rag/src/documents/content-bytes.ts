import { createHash } from 'node:crypto';

/** The bytes of a document, wherever they are. */
export interface ContentBytes {
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
  /** The first of them. */
  head(length: number): Promise<Buffer>;
  pieces(): AsyncIterable<Buffer>;
}

/** Of a text in a JSON body: they are in memory already. */
export function bytesOfText(text: string): ContentBytes {
  const bytes = Buffer.from(text, 'utf8');
  return {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    head: (length) => Promise.resolve(bytes.subarray(0, length)),
    async *pieces() {
      yield await Promise.resolve(bytes);
    },
  };
}
