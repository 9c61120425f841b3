import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, map } from 'rxjs';
import { entityTag, noneMatches } from './entity-tag.js';
import { Page, type Pagination } from './pagination.js';
import { RAW_RESPONSE } from './raw-response.decorator.js';
import { Reply, type ReplyOptions } from './reply.js';
import { scopeOf } from './request-scope.js';
import { isStream } from './stream-body.js';

/** How a route answers: as declared, and the same for all its requests. */
type Form = 'envelope' | 'raw' | 'events';

/** Puts what a handler returns into the one success body, unpacking `Page` and `Reply`. Streams pass as they are. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  private readonly forms = new Map<object, Map<object, Form>>();
  private readonly versions = new Map<string, string>();

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const form = this.formOf(host);
    // Nest writes events itself, one by one: what passes here is each of them.
    if (form === 'events') {
      scopeOf(request)?.becomeStream();
      return next.handle();
    }
    const send = (value: unknown) => {
      if (isStream(value)) {
        scopeOf(request)?.becomeStream();
        return value;
      }
      // Raw too: a repeated answer comes as a Reply.
      if (form === 'raw') return value instanceof Reply ? unpacked(value, request, http.getResponse()) : value;
      return this.wrap(value, request, http.getResponse<FastifyReply>());
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

  private formOf(host: ExecutionContext): Form {
    const controller = host.getClass();
    const handler = host.getHandler();
    const known = this.forms.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const raw = [handler, controller].some((target) => Reflect.getMetadata(RAW_RESPONSE, target) === true);
    const events = Reflect.getMetadata(SSE_METADATA, handler) === true;
    const form: Form = events ? 'events' : raw ? 'raw' : 'envelope';
    const ofController = this.forms.get(controller) ?? new Map<object, Form>();
    this.forms.set(controller, ofController.set(handler, form));
    return form;
  }
}

function unpacked({ data, options }: Reply<unknown>, request: FastifyRequest, reply: FastifyReply): unknown {
  return applyOptions(options, request, reply) ? undefined : data;
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
