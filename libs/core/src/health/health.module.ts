import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { Settings } from '../config/settings.js';
import { DatabaseChecks } from './database.checks.js';
import { HealthRegistry } from './health-registry.js';
import { HealthService } from './health.service.js';
import { ProbesController } from './probes.controller.js';
import { reportController } from './report.controller.js';

/** Probes and the component report. */
@Module({})
export class HealthModule implements OnModuleInit {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly database: DatabaseChecks,
  ) {}

  static forRoot(settings: Settings): DynamicModule {
    return {
      module: HealthModule,
      global: true,
      controllers: [ProbesController, reportController(settings.NODE_ENV === 'development')],
      providers: [HealthIndicatorService, HealthRegistry, HealthService, DatabaseChecks],
      exports: [HealthRegistry, HealthService],
    };
  }

  onModuleInit(): void {
    this.database.register(this.registry);
  }
}
