import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { SETTINGS_LOADED } from './settings.token.js';
import type { LoadedSettings } from './load-settings.js';
import { Settings } from './settings.js';

/** Provides `Settings` everywhere, and the same values through Nest's `ConfigService`. */
@Module({})
export class SettingsModule {
  static forRoot(loaded: LoadedSettings): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      imports: [
        // Values come in by `load`: `validate` would write them, secrets included, into process.env.
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          validatePredefined: false,
          skipProcessEnv: true,
          load: [() => ({ ...loaded.settings })],
        }),
      ],
      providers: [
        { provide: Settings, useValue: loaded.settings },
        { provide: SETTINGS_LOADED, useValue: loaded },
      ],
      exports: [Settings, SETTINGS_LOADED],
    };
  }
}
