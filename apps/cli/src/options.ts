import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { usageError } from '../../shared/src/start-options.js';

/** `parseArgs` whose complaints are the caller's to read. Takes no positional arguments. */
export function readOptions<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usageError(error, Object.keys(options));
  }
}
