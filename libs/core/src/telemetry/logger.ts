import { type DestinationStream, type Logger as PinoLogger, type LoggerOptions, pino } from 'pino';
import type { Settings } from '../config/settings.js';
import { redactText } from '../security/redact.js';
import { describeError } from './describe-error.js';
import { currentLogFields } from './log-context.js';
import { escapeControls, shorten } from './log-text.js';
import { redactFields } from './redact-fields.js';

/** The process's logger; each line carries the fields of the current request, job or run. */
export const LOGGER = Symbol.for('guildhall.logger');

export type LogSettings = Pick<Settings, 'LOG_LEVEL' | 'LOG_FORMAT'>;

export async function createLogger(settings: LogSettings, destination?: DestinationStream): Promise<PinoLogger> {
  const options: LoggerOptions = {
    level: settings.LOG_LEVEL,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }), log: redactFields },
    serializers: { err: describeError, error: describeError },
    // A copy: pino merges the line's own fields into what it gets.
    mixin: () => ({ ...currentLogFields() }),
    hooks: {
      logMethod(args, method) {
        method.apply(this, args.map((arg) => (typeof arg === 'string' ? shorten(arg) : arg)) as typeof args);
      },
      // The whole line, so that a secret in any message or nested field is caught once.
      streamWrite: (line) => redactText(line),
    },
  };
  if (settings.LOG_FORMAT === 'json') return destination ? pino(options, destination) : pino(options);
  return pino(options, await prettyStream(destination));
}

/** For people at a terminal. Loaded only where it is wanted. */
async function prettyStream(destination?: DestinationStream): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    ...(destination ? { destination } : {}),
    // Node asks the terminal, and NO_COLOR.
    colorize: destination === undefined && process.stdout.isTTY && process.stdout.hasColors(),
    sync: true,
    // JSON escapes control characters; here a message with a line break could pretend to be a second line.
    messageFormat: (log, messageKey) => escapeControls(String(log[messageKey] ?? '')),
  });
}
