import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';

/** A process's application at work. */
export interface RunningApp<App extends INestApplicationContext = INestApplicationContext> {
  readonly app: App;
  readonly logger: Logger;
  /** Where it answers; the worker's answers probes only. */
  readonly url: string;
  /** Runs the shutdown script. Idempotent. */
  stop(): Promise<void>;
}
