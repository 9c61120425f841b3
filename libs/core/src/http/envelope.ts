import type { FastifyReply, FastifyRequest } from 'fastify';
import { entityTag, noneMatches } from './entity-tag.js';
import { Page, type Pagination } from './pagination.js';
import { RAW_RESPONSE } from './raw-response.decorator.js';
import { Reply, type ReplyOptions } from './reply.js';

/** The body to send for what a handler returned: in the one success envelope, `Page` and `Reply` unpacked. */
export function enveloped(value: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const { url = '', config } = request.routeOptions;
  // A raw route too may answer with a Reply: a repeated answer comes as one.
  const isRaw = (config as { [RAW_RESPONSE]?: boolean })[RAW_RESPONSE] === true;
  const { data, options } = value instanceof Reply ? value : { data: value };
  if (options && applyOptions(options, request, reply)) return undefined;
  if (isRaw) return data;
  if (reply.statusCode === 204) return undefined;
  const pagination = data instanceof Page ? data.pagination : undefined;
  const meta = {
    requestId: request.id,
    timestamp: new Date().toISOString(),
    version: versionOf(url),
    pagination,
    partial: options?.partial,
  } satisfies { pagination: Pagination | undefined; [name: string]: unknown };
  return { success: true, data: data instanceof Page ? data.items : (data ?? null), meta };
}

/** By route template, of which there are few. */
const versions = new Map<string, string>();

function versionOf(url: string): string {
  let version = versions.get(url);
  if (version === undefined) versions.set(url, (version = /^\/api\/(v\d+)\//.exec(url)?.[1] ?? 'v1'));
  return version;
}

/** Sets status and headers; true when the client has this version already (304). */
function applyOptions(options: ReplyOptions, request: FastifyRequest, reply: FastifyReply): boolean {
  const { status, location, etag, headers, partial } = options;
  if (status !== undefined || partial) void reply.code(status ?? 207);
  if (location !== undefined) void reply.header('location', location);
  if (headers) void reply.headers(headers);
  if (etag === undefined) return false;
  void reply.header('etag', entityTag(etag));
  if (request.method !== 'GET' || !noneMatches(request.headers['if-none-match'], etag)) return false;
  void reply.code(304);
  return true;
}
