import { Controller, Get, Inject, Res, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public, RequireScopes } from '../security/access.decorators.js';
import { Metrics } from './metrics.js';

/** `open`: Prometheus needs no key (the setting METRICS_PUBLIC); else one with the scope `operations:read`. */
export function metricsController(open: boolean): Type {
  @ApiTags('health')
  @Controller({ path: 'metrics', version: VERSION_NEUTRAL })
  class MetricsController {
    constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

    @Get()
    @ApiOperation({ operationId: 'getMetrics', summary: 'Metrics in the text format of Prometheus' })
    @ApiProduces('text/plain')
    @ApiResponse({ status: 200, description: 'All metrics of this process', schema: { type: 'string' } })
    async all(@Res() reply: FastifyReply): Promise<void> {
      const { registry } = this.metrics;
      reply.header('content-type', registry.contentType).send(await registry.metrics());
    }
  }
  (open ? (Public() as ClassDecorator) : RequireScopes('operations:read'))(MetricsController);
  return MetricsController;
}
