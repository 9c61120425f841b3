import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Settings } from '../config/settings.js';
import { LOGGER } from './logger.js';
import { Metrics } from './metrics.js';
import { metricsController } from './metrics.controller.js';
import { RequestTelemetry } from './request-telemetry.js';

/** Logs and metrics of the process. */
@Module({})
export class TelemetryModule {
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      controllers: [metricsController(settings.METRICS_PUBLIC)],
      providers: [{ provide: LOGGER, useValue: logger }, Metrics, RequestTelemetry],
      exports: [LOGGER, Metrics],
    };
  }
}
