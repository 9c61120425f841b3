import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, ModulesContainer } from '@nestjs/core';
import { EVENT_BUS, type Logger as AppLogger, type PluginHooks } from '@guildhall/sdk';
import type { Logger } from 'pino';
import { InProcessEventBus } from '../events/in-process-event-bus.js';
import { LOGGER } from '../telemetry/logger.js';
import { ContributionRegistry } from './contribution-registry.js';
import { CONTRIBUTIONS } from './contributions.js';
import type { LoadedPlugin } from './loaded-plugin.js';
import { PluginAvailabilityGuard } from './plugin-availability.guard.js';
import { PluginManager } from './plugin-manager.js';
import { PluginRuntime } from './plugin-runtime.js';
import { PluginStates } from './plugin-state.js';

/** Runs the plugins that were loaded. */
@Module({})
export class PluginsModule {
  /** `plugins` in dependency order. */
  static forRoot(plugins: readonly LoadedPlugin[]): DynamicModule {
    return {
      module: PluginsModule,
      global: true,
      providers: [
        { provide: PluginStates, useFactory: () => new PluginStates(plugins) },
        {
          provide: InProcessEventBus,
          inject: [LOGGER, PluginStates],
          useFactory: (logger: AppLogger, states: PluginStates) =>
            new InProcessEventBus(logger, (owner) => states.isAvailable(owner)),
        },
        { provide: EVENT_BUS, useExisting: InProcessEventBus },
        {
          provide: ContributionRegistry,
          inject: [ModulesContainer, PluginStates],
          useFactory: (modules: ModulesContainer, states: PluginStates) => new ContributionRegistry(modules, states),
        },
        { provide: CONTRIBUTIONS, useExisting: ContributionRegistry },
        {
          provide: PluginManager,
          inject: [ModulesContainer, PluginStates, InProcessEventBus, LOGGER],
          useFactory: manage,
        },
        { provide: APP_GUARD, useClass: PluginAvailabilityGuard },
      ],
      exports: [PluginStates, InProcessEventBus, EVENT_BUS, ContributionRegistry, CONTRIBUTIONS, PluginManager],
    };
  }
}

function manage(
  modules: ModulesContainer,
  states: PluginStates,
  bus: InProcessEventBus,
  logger: Logger,
): PluginManager {
  const runtimes = states.all().map(({ plugin }) => {
    const { id } = plugin.descriptor;
    const runtime = new PluginRuntime(plugin, () => instanceOf(modules, plugin), logger.child({ plugin: id }), bus);
    return [id, runtime] as const;
  });
  return new PluginManager(new Map(runtimes), states, bus, logger);
}

/** The object Nest made of the plugin's class; there is one as soon as all modules are made. */
function instanceOf(modules: ModulesContainer, plugin: LoadedPlugin): PluginHooks {
  const module = [...modules.values()].find(({ metatype }) => metatype === plugin.module);
  return (module?.instance ?? {}) as PluginHooks;
}
