import type { DynamicModule, Type } from '@nestjs/common';
import { Plugin } from '@guildhall/sdk';
import type { Logger } from 'pino';
import type { MigrationInterface } from 'typeorm';
import { CacheModule } from './cache/cache.module.js';
import type { LoadedSettings } from './config/load-settings.js';
import { SettingsModule } from './config/settings.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EventsModule } from './events/events.module.js';
import { HttpModule, httpMigrations } from './http/http.module.js';
import { HealthModule } from './health/health.module.js';
import { LifecycleModule } from './lifecycle/lifecycle.module.js';
import { OutboundModule } from './http/outbound.module.js';
import type { LoadedPlugin } from './plugins/loaded-plugin.js';
import { PluginControlModule, pluginControlMigrations } from './plugin-control/plugin-control.module.js';
import { PluginsModule } from './plugins/plugins.module.js';
import { SecurityModule, securityMigrations } from './security/security.module.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';

export interface CoreOptions {
  readonly loaded: LoadedSettings;
  readonly logger: Logger;
  /** All of the process, this one included, in dependency order. */
  readonly plugins: readonly LoadedPlugin[];
  readonly migrations: readonly Type<MigrationInterface>[];
}

/** The floor that everything stands on; itself a plugin, the first to start and the last to stop. */
@Plugin({
  id: 'core',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Settings, database, jobs, events, cache, security, telemetry and the plugins themselves',
  migrations: [...securityMigrations, ...httpMigrations, ...pluginControlMigrations],
})
export class CoreModule {
  static forRoot({ loaded, logger, plugins, migrations }: CoreOptions): DynamicModule {
    return {
      module: CoreModule,
      global: true,
      imports: [
        SettingsModule.forRoot(loaded),
        TelemetryModule.forRoot(loaded.settings, logger),
        DatabaseModule.forRoot({ migrations }),
        SecurityModule,
        PluginsModule.forRoot(plugins),
        PluginControlModule,
        LifecycleModule.forRoot(),
        HealthModule.forRoot(loaded.settings),
        CacheModule,
        EventsModule,
        HttpModule,
        OutboundModule,
      ],
    };
  }
}
