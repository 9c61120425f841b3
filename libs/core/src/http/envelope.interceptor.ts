import { Readable } from 'node:stream';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, map } from 'rxjs';
import { entityTag, noneMatches } from './entity-tag.js';
import { Page, type Pagination } from './pagination.js';
import { RAW_RESPONSE } from './raw-response.decorator.js';
import { Reply, type ReplyOptions } from './reply.js';
import { scopeOf } from './request-scope.js';

/** Puts what a handler returns into the one success body, unpacking `Page` and `Reply`. Streams pass as they are. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  private readonly raw = new Map<object, Map<object, boolean>>();
  private readonly versions = new Map<string, string>();

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const raw = this.isRaw(host);
    const send = (value: unknown) => {
      if (isStream(value)) {
        scopeOf(request)?.becomeStream();
        return value;
      }
      return raw ? value : this.wrap(value, request, http.getResponse<FastifyReply>());
    };
    return next.handle().pipe(map(send));
  }

  private wrap(value: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
    let result = value;
    let partial: boolean | undefined;
    if (result instanceof Reply) {
      if (applyOptions(result.options, request, reply)) return undefined;
      partial = result.options.partial;
      result = result.data;
    }
    if (reply.statusCode === 204) return undefined;
    return result instanceof Page
      ? this.envelope(result.items, request, result.pagination, partial)
      : this.envelope(result ?? null, request, undefined, partial);
  }

  private envelope(data: unknown, request: FastifyRequest, pagination?: Pagination, partial?: boolean) {
    const version = this.versionOf(request.routeOptions.url ?? '');
    const meta = { requestId: request.id, timestamp: new Date().toISOString(), version, pagination, partial };
    return { success: true, data, meta };
  }

  private versionOf(url: string): string {
    let version = this.versions.get(url);
    if (version === undefined) this.versions.set(url, (version = /^\/api\/(v\d+)\//.exec(url)?.[1] ?? 'v1'));
    return version;
  }

  private isRaw(host: ExecutionContext): boolean {
    const controller = host.getClass();
    const handler = host.getHandler();
    const known = this.raw.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const marked = [handler, controller].some((target) => Reflect.getMetadata(RAW_RESPONSE, target) === true);
    const raw = marked || Reflect.getMetadata(SSE_METADATA, handler) === true;
    const ofController = this.raw.get(controller) ?? new Map<object, boolean>();
    this.raw.set(controller, ofController.set(handler, raw));
    return raw;
  }
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

function isStream(value: unknown): boolean {
  return value instanceof Response || value instanceof StreamableFile || value instanceof Readable;
}
