import type { Logger } from '@guildhall/sdk';

const logged = new WeakSet<object>();

/** True the first time an error is met: one fault makes one line, however many layers it passes. */
export function firstSight(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if (logged.has(error)) return false;
  logged.add(error);
  return true;
}

/** One structured line: function, message, stack (in `err`). The request id comes from the log context. */
export function logFault(logger: Logger, error: unknown, where: string, fields: object = {}): void {
  const message = error instanceof Error ? error.message : String(error);
  const err = error instanceof Error ? error : new Error(`Thrown, but no Error: ${message}`);
  logger.error({ ...fields, function: where, err }, `Error in ${where}: ${message}`);
}

/** The function that threw: the topmost frame of our own code, for handlers outside `@HandleErrors`. */
export function functionOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, name, file] of stack.matchAll(/^\s+at (?:async )?(?:(.+?) \()?(.+?:\d+:\d+)\)?$/gm)) {
    if (name && !file!.startsWith('node:') && !file!.includes('node_modules')) return name;
  }
  return undefined;
}
