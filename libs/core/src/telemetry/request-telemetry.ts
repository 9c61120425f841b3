import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger, RequestContext } from '@guildhall/sdk';
import { scopeOf } from '../http/request-scope.js';
import { LOGGER } from './logger.js';
import { Metrics } from './metrics.js';

const SLOW_MS = 1000;
/** Asked every few seconds by machines: counted, not logged. */
const PROBES = /^\/(health\/(live|ready|startup)|metrics)$/;
const UNKNOWN_ROUTE = 'unknown';

/** One log line and two metrics per request, by route template: ten thousand ids are one series. */
@Injectable()
export class RequestTelemetry implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const adapter = this.host.httpAdapter as { getInstance?(): FastifyInstance } | undefined;
    const fastify = adapter?.getInstance?.();
    if (fastify?.addHook === undefined) return;
    fastify.addHook('onResponse', (request, reply, done) => {
      this.record(request, reply);
      done();
    });
    fastify.addHook('onRequestAbort', (request, done) => {
      const fields = { ...fieldsOf(request), endpoint: endpointOf(request) };
      this.logger.debug(fields, 'Client left before the answer');
      done();
    });
  }

  private record(request: FastifyRequest, reply: FastifyReply): void {
    const endpoint = endpointOf(request);
    const labels = { method: request.method, endpoint };
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    this.metrics.requests.inc({ ...labels, status: String(reply.statusCode) });
    this.metrics.requestDuration.observe(labels, reply.elapsedTime / 1000);
    if (PROBES.test(endpoint)) return;
    const fields = {
      ...fieldsOf(request),
      ...labels,
      status: reply.statusCode,
      durationMs,
      ...scopeOf(request)?.tally,
    };
    const streams = String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream');
    if (durationMs > SLOW_MS && !streams) this.logger.warn(fields, 'Slow request');
    else this.logger.info(fields, 'Request completed');
  }
}

/** Hooks after the answer run outside the request's async context, so its fields are taken from the request. */
function fieldsOf(request: FastifyRequest) {
  const ctx = (request as FastifyRequest & { guildhall?: RequestContext }).guildhall;
  return ctx ? { requestId: ctx.requestId, tenantId: ctx.tenantId, actorId: ctx.actor.id } : {};
}

function endpointOf(request: FastifyRequest): string {
  return request.is404 ? UNKNOWN_ROUTE : (request.routeOptions.url ?? UNKNOWN_ROUTE);
}
