import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CoreModule, type LoadedSettings, createLogger, preparePlugins } from '@guildhall/core';
import type { ProcessRole } from '@guildhall/sdk';
import { FIRST_PARTY } from './first-party.js';

export interface ComposeOptions {
  readonly loaded: LoadedSettings;
  readonly role: ProcessRole;
  /** Plugins as classes, beside those that the setting `PLUGINS` names. */
  readonly plugins?: readonly Type[];
  /** Where `PLUGINS` are resolved first. Default: the working directory. */
  readonly directory?: string;
}

type Logger = Awaited<ReturnType<typeof createLogger>>;

/** One module with everything a process of this role is made of. */
@Module({})
export class Guildhall {
  /** Throws a `ConfigurationError` that lists every fault of every plugin. */
  static async compose(options: ComposeOptions): Promise<{ readonly module: DynamicModule; readonly logger: Logger }> {
    const prepared = await preparePlugins({ ...options, firstParty: FIRST_PARTY });
    const logger = await createLogger(options.loaded.settings);
    const core = CoreModule.forRoot({ loaded: options.loaded, logger, ...prepared });
    const others = prepared.plugins.map(({ module }) => module).filter((module) => module !== CoreModule);
    return { module: { module: Guildhall, imports: [core, ...others] }, logger };
  }
}
