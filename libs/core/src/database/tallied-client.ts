import pg from 'pg';
import type { RequestTally } from '../telemetry/request-tally.js';

/** A connection that counts its statements for the request that holds it. */
export class TalliedClient extends pg.Client {
  holder: RequestTally | undefined;

  override query(...args: never[]): never {
    if (this.holder) this.holder.queries++;
    return super.query.apply(this, args as never) as never;
  }
}
