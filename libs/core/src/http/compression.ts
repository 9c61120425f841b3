import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply } from 'fastify';

const MIN_BYTES = 1000;
/** Brotli's default of 11 takes seconds where 4 takes milliseconds for nearly the same size. */
const BROTLI_QUALITY = 4;

/** A stream must not wait for the compressor to have enough. */
const COMPRESSIBLE = /^(application\/(.+\+)?json|text\/(?!event-stream))/;

export async function installCompression(fastify: FastifyInstance): Promise<void> {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isNegotiable(reply, payload)) varyByEncoding(reply);
    done(null, payload);
  });
  await fastify.register(compress, {
    threshold: MIN_BYTES,
    encodings: ['br', 'gzip'],
    // Compressed bodies of requests are refused: a small one can hide a huge one.
    globalDecompression: false,
    customTypes: COMPRESSIBLE,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  });
}

/**
 * Whether this answer, or a longer one to the same request, depends on the encodings that the client takes: what is sent
 * as it is must say so too, or a cache gives it to everybody.
 */
function isNegotiable(reply: FastifyReply, payload: unknown): boolean {
  if (payload === undefined || payload === null) return reply.statusCode === 304;
  const type = payload instanceof Response ? payload.headers.get('content-type') : reply.getHeader('content-type');
  return COMPRESSIBLE.test(String(type ?? 'application/json'));
}

function varyByEncoding(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  reply.header('vary', vary === undefined ? 'accept-encoding' : `${String(vary)}, accept-encoding`);
}
