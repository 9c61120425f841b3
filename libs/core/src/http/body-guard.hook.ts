import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AppError } from '@guildhall/sdk';
import { Errors } from '../errors/errors.js';
import type { RequestWithContext } from './context.decorator.js';
import { scopeOf } from './request-scope.js';
import { askForBody } from './unread-body.js';
import { MAX_UPLOAD_BYTES, UPLOAD_ROUTE } from './upload/upload-route.js';

/** Refuses bodies whose form no route reads, or that find no room, before a byte of them is taken. */
export function installBodyGuard(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    const { guildhall: ctx } = request as FastifyRequest & RequestWithContext;
    const refusal = refusalOf(request) ?? scopeOf(request)?.receive(request, ctx);
    if (!refusal) askForBody(request.raw, reply.raw);
    done(refusal ?? null);
  });
}

function refusalOf({ headers, routeOptions }: FastifyRequest): AppError | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Errors.unsupportedMediaType('Compressed bodies are not taken: send it without Content-Encoding');
  }
  const type = headers['content-type'];
  if (type === undefined) return undefined;
  if (type.toLowerCase().trimStart().startsWith('multipart/')) {
    const config = routeOptions.config as { [UPLOAD_ROUTE]?: boolean } | undefined;
    if (config?.[UPLOAD_ROUTE] !== true)
      return Errors.unsupportedMediaType('This route takes "Content-Type: application/json"');
    return Number(headers['content-length']) > MAX_UPLOAD_BYTES
      ? Errors.payloadTooLarge('Uploads may have up to 50 MiB')
      : undefined;
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]?.toLowerCase();
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return undefined;
  return Errors.unsupportedMediaType('Send the body in UTF-8');
}
