import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions, MigrationInterface } from 'typeorm';
import { Settings } from '../config/settings.js';
import { Database } from './database.js';
import { migrate } from './migrator.js';
import { openDataSource } from './open-data-source.js';

export interface DatabaseModuleOptions {
  /** Of all plugins; their timestamps give the order. */
  readonly migrations: readonly Type<MigrationInterface>[];
}

/** The database for the whole process. `Settings` must be injectable everywhere. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot({ migrations }: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Settings],
          useFactory: (settings: Settings) => ({ autoLoadEntities: true, retryAttempts: 1, settings }) as object,
          dataSourceFactory: async (options) => {
            const { settings, entities } = options as DataSourceOptions & { readonly settings: Settings };
            const source = await openDataSource(settings, { entities, migrations });
            if (migratesAtBoot(settings)) await migrate(source);
            return source;
          },
        }),
      ],
      providers: [Database],
      exports: [Database],
    };
  }
}

/** In staging and production `guildhall migrate` does it, once for all processes. */
function migratesAtBoot(settings: Settings): boolean {
  return settings.NODE_ENV === 'development' || settings.NODE_ENV === 'test' || settings.embedded;
}
