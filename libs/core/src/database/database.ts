import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { RequestContext } from '@guildhall/sdk';

/** The one way to the database: services open a transaction here and hand it to repositories. */
@Injectable()
export class Database {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  /** Runs `work` in one transaction; a throw rolls it back. No network or model call belongs inside. */
  transaction<T>(ctx: RequestContext, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    ctx.signal.throwIfAborted();
    return this.source.transaction(work);
  }

  /** For single statements outside a transaction. */
  get manager(): EntityManager {
    return this.source.manager;
  }

  /** The `pg` pool that TypeORM uses too, for the few places where its cost matters (the run engine). */
  get pool(): Pool {
    return (this.source.driver as PostgresDriver).master as Pool;
  }
}
