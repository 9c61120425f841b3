import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CoreModule, type LoadedSettings, createLogger, preparePlugins, requireFolders } from '@guildhall/core';
import type { ProcessRole } from '@guildhall/sdk';
import { allFaults } from './all-faults.js';
import { FIRST_PARTY } from './first-party.js';
import { type ListeningPlace, requireListenable } from './require-listenable.js';

export interface ComposeOptions {
  readonly loaded: LoadedSettings;
  readonly role: ProcessRole;
  /** Where the process will listen, if it does. */
  readonly place?: ListeningPlace;
  /** Plugins as classes, beside those that the setting `PLUGINS` names. */
  readonly plugins?: readonly Type[];
  /** Where `PLUGINS` are resolved first. Default: the working directory. */
  readonly directory?: string;
}

type Logger = Awaited<ReturnType<typeof createLogger>>;

/** One module with everything a process of this role is made of. */
@Module({})
export class Guildhall {
  /** Throws a `ConfigurationError` that lists every fault of every plugin, and of folders and the port. Opens nothing. */
  static async compose(options: ComposeOptions): Promise<{ readonly module: DynamicModule; readonly logger: Logger }> {
    const { loaded, place } = options;
    const [prepared] = await allFaults([
      preparePlugins({ ...options, firstParty: FIRST_PARTY }),
      Promise.try(requireFolders, loaded.settings),
      place ? requireListenable(place) : Promise.resolve(),
    ]);
    const logger = await createLogger(loaded.settings);
    const core = CoreModule.forRoot({ loaded, logger, ...prepared });
    const others = prepared.plugins.map(({ module }) => module).filter((module) => module !== CoreModule);
    return { module: { module: Guildhall, imports: [core, ...others] }, logger };
  }
}
