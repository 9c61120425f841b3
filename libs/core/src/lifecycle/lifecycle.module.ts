import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';
import { Settings } from '../config/settings.js';
import { PluginControlModule } from '../plugin-control/plugin-control.module.js';
import { PluginManager } from '../plugins/plugin-manager.js';
import { LOGGER } from '../telemetry/logger.js';
import { Boot } from './boot.js';
import { MemoryGuard } from './memory-guard.js';
import { Readiness } from './readiness.js';
import { Shutdown } from './shutdown.js';

/** How the process begins and ends. */
@Module({})
export class LifecycleModule {
  static forRoot(): DynamicModule {
    return {
      module: LifecycleModule,
      global: true,
      imports: [PluginControlModule],
      providers: [
        { provide: Readiness, useFactory: () => new Readiness() },
        Boot,
        MemoryGuard,
        { provide: Shutdown, inject: [Readiness, PluginManager, LOGGER, Settings], useFactory: shutdown },
      ],
      exports: [Readiness, Boot, MemoryGuard, Shutdown],
    };
  }
}

function shutdown(readiness: Readiness, plugins: PluginManager, logger: Logger, settings: Settings): Shutdown {
  const options = { graceMs: settings.SHUTDOWN_GRACE_MS, balancerDelayMs: settings.SHUTDOWN_DELAY_MS };
  return new Shutdown(readiness, plugins, logger, options);
}
