import { randomBytes } from 'node:crypto';
import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { HealthRegistry } from '../health/health-registry.js';
import { LOGGER } from '../telemetry/logger.js';
import { EventRelay } from './event-relay.js';
import { FAN_OUT, type FanOut, NO_FAN_OUT } from './fan-out.js';
import { InProcessEventBus } from './in-process-event-bus.js';
import type { RedisFanOut } from './redis-fan-out.js';

async function fanOut(settings: Settings): Promise<FanOut> {
  if (settings.REDIS_URL === undefined) return NO_FAN_OUT;
  // The client's 1500 files stay out of memory where there is no Redis.
  const { RedisFanOut } = await import('./redis-fan-out.js');
  return new RedisFanOut(settings.REDIS_URL);
}

function relay(bus: InProcessEventBus, out: FanOut, database: Database, logger: Logger): EventRelay {
  return new EventRelay(bus, out, database, randomBytes(8).toString('hex'), logger);
}

/** Events between processes. Provides `FAN_OUT`. */
@Global()
@Module({
  providers: [
    { provide: FAN_OUT, inject: [Settings], useFactory: fanOut },
    { provide: EventRelay, inject: [InProcessEventBus, FAN_OUT, Database, LOGGER], useFactory: relay },
  ],
  exports: [FAN_OUT],
})
export class EventsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(FAN_OUT) private readonly out: FanOut,
    private readonly eventRelay: EventRelay,
    private readonly health: HealthRegistry,
  ) {}

  onModuleInit(): void {
    const { out } = this;
    this.eventRelay.start();
    if (!isRedis(out)) return;
    this.health.register({
      name: 'events',
      check: () =>
        out.up
          ? { status: 'healthy' }
          : { status: 'degraded', detail: 'Redis does not answer; processes hear of each other by the database' },
    });
    out.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.eventRelay.close();
    if (isRedis(this.out)) await this.out.close();
  }
}

const isRedis = (out: FanOut): out is RedisFanOut => out !== NO_FAN_OUT;
