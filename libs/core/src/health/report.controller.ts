import { Controller, Get, Inject, Res, type Type, VERSION_NEUTRAL, applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { describeSettings } from '../config/describe-settings.js';
import type { LoadedSettings } from '../config/load-settings.js';
import { SETTINGS_LOADED } from '../config/settings.token.js';
import { PluginStates } from '../plugins/plugin-state.js';
import { Public, RequireScopes, SystemAdministratorOnly } from '../security/access.decorators.js';
import { VERSION } from '../version.js';
import { DatabaseChecks } from './database.checks.js';
import { HealthRegistry } from './health-registry.js';
import { healthReport } from './health-report.js';
import { CONFIGURATION, DATABASE, REPORT, UNHEALTHY_DATABASE, UNHEALTHY_REPORT } from './health-schemas.js';
import { HealthService } from './health.service.js';

/**
 * The report for operators: without a key where it is `open` (development); else with one that has `operations:read`, and
 * settings are the system administrator's.
 */
export function reportController(open: boolean): Type {
  const OperatorsOnly = () => applyDecorators(...(open ? [] : [SystemAdministratorOnly()]));

  @ApiTags('health')
  @Controller({ path: 'health', version: VERSION_NEUTRAL })
  class HealthReportController {
    constructor(
      @Inject(HealthService) private readonly health: HealthService,
      @Inject(HealthRegistry) private readonly registry: HealthRegistry,
      @Inject(DatabaseChecks) private readonly database: DatabaseChecks,
      @Inject(PluginStates) private readonly plugins: PluginStates,
      @Inject(SETTINGS_LOADED) private readonly loaded: LoadedSettings,
    ) {}

    @Get()
    @ApiOperation({ operationId: 'getHealth', summary: 'Report on every component and plugin' })
    @ApiResponse({ status: 200, description: 'Healthy or degraded', schema: REPORT })
    @ApiResponse({ status: 503, description: 'Unhealthy', schema: UNHEALTHY_REPORT })
    async report(@Res() reply: FastifyReply): Promise<void> {
      const checks = this.registry.all();
      const required = new Set(checks.filter(({ readiness }) => readiness === true).map(({ name }) => name));
      const report = healthReport(await this.health.components(), required, this.plugins.all());
      const { NODE_ENV: environment, embedded } = this.loaded.settings;
      const about = { version: VERSION, environment, uptimeSeconds: Math.round(process.uptime()) };
      const database = embedded ? 'embedded' : 'server';
      reply.code(report.status === 'unhealthy' ? 503 : 200).send({ ...about, database, ...report });
    }

    @Get('db')
    @OperatorsOnly()
    @ApiOperation({ operationId: 'getDatabaseHealth', summary: 'Report on the database, its pool and its schema' })
    @ApiResponse({ status: 200, description: 'The database answers', schema: DATABASE })
    @ApiResponse({ status: 503, description: 'It does not', schema: UNHEALTHY_DATABASE })
    async db(@Res() reply: FastifyReply): Promise<void> {
      const { database } = await this.health.components();
      if (database?.status !== 'healthy') {
        reply.code(503).send(database ?? { status: 'unhealthy' });
        return;
      }
      reply.send({ status: 'healthy', ...(await this.database.report()) });
    }

    @Get('config')
    @OperatorsOnly()
    @ApiOperation({ operationId: 'getConfigHealth', summary: 'Settings and their sources, secrets redacted' })
    @ApiResponse({ status: 200, description: 'The settings', schema: CONFIGURATION })
    config(@Res() reply: FastifyReply): void {
      reply.send({ status: 'healthy', warnings: this.loaded.warnings, settings: describeSettings(this.loaded) });
    }
  }
  (open ? (Public() as ClassDecorator) : RequireScopes('operations:read'))(HealthReportController);
  return HealthReportController;
}
