import { Controller, Get, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../security/access.decorators.js';
import { LIVENESS, NOT_READY, READY, STARTED, STARTING } from './health-schemas.js';
import { HealthService } from './health.service.js';

/** For the kubelet and balancers: open, small, raw. */
@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class ProbesController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @Public()
  @ApiOperation({ operationId: 'getLiveness', summary: 'Whether the process turns: asks nothing of any database' })
  @ApiResponse({ status: 200, description: 'Alive', schema: LIVENESS })
  live(@Res() reply: FastifyReply): void {
    reply.send({ status: 'alive' });
  }

  @Get('ready')
  @Public()
  @ApiOperation({ operationId: 'getReadiness', summary: 'Whether this process should get requests' })
  @ApiResponse({ status: 200, description: 'Ready', schema: READY })
  @ApiResponse({ status: 503, description: 'Starting, draining, or without its database', schema: NOT_READY })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ready, ...report } = await this.health.ready();
    reply.code(ready ? 200 : 503).send(report);
  }

  @Get('startup')
  @Public()
  @ApiOperation({ operationId: 'getStartup', summary: 'Whether the boot is over' })
  @ApiResponse({ status: 200, description: 'Started', schema: STARTED })
  @ApiResponse({ status: 503, description: 'Still starting', schema: STARTING })
  startup(@Res() reply: FastifyReply): void {
    const started = this.health.started;
    reply.code(started ? 200 : 503).send({ status: started ? 'started' : 'starting' });
  }
}
