import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

const MIN_BYTES = 1000;
/** Brotli's default of 11 takes seconds where 4 takes milliseconds for nearly the same size. */
const BROTLI_QUALITY = 4;

export async function installCompression(fastify: FastifyInstance): Promise<void> {
  await fastify.register(compress, {
    threshold: MIN_BYTES,
    encodings: ['br', 'gzip'],
    // Compressed bodies of requests are refused: a small one can hide a huge one.
    globalDecompression: false,
    // A stream must not wait for the compressor to have enough.
    customTypes: /^(application\/(.+\+)?json|text\/(?!event-stream))/,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  });
}
