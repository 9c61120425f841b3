import { Logger, PinoLogger } from 'nestjs-pino';
import type { Logger as RootLogger } from 'pino';

/** Contexts in which Nest tells of every module and route it makes. */
const CHATTER = new Set<unknown>(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory']);

/** Nest's own `Logger`, and every `new Logger('Context')`, over the process's logger. */
export class NestLogger extends Logger {
  constructor(logger: RootLogger) {
    super(new PinoLogger({ pinoHttp: { logger } }), {});
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (CHATTER.has(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    // Nest prints what stops a boot before it throws it; whoever started the boot says so once, in words.
    if (rest.at(-1) === 'ExceptionHandler') this.debug(message, ...rest);
    else super.error(message, ...rest);
  }
}
