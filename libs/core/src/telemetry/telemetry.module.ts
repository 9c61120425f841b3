import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { METRICS } from '@guildhall/sdk';
import type { Logger } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import type { Settings } from '../config/settings.js';
import { LOGGER } from './logger.js';
import { Metrics } from './metrics.js';
import { metricsController } from './metrics.controller.js';
import { RequestTelemetry } from './request-telemetry.js';

/** Logs and metrics of the process. */
@Module({})
export class TelemetryModule implements OnModuleInit {
  constructor(private readonly metrics: Metrics) {}

  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      controllers: [metricsController(settings.METRICS_PUBLIC)],
      providers: [
        { provide: LOGGER, useValue: logger },
        Metrics,
        { provide: METRICS, useExisting: Metrics },
        RequestTelemetry,
      ],
      exports: [LOGGER, Metrics, METRICS],
    };
  }

  /** CPU, memory, garbage collection and event-loop lag. */
  onModuleInit(): void {
    collectDefaultMetrics({ register: this.metrics.registry });
  }
}
