import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { usageError } from '../../shared/src/start-options.js';

/** `parseArgs` whose complaints are the caller's to read. Takes no positional arguments. */
export function readOptions<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  return read(args, options, false).values;
}

/** The same with positional arguments. */
export function readArguments<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  return read(args, options, true);
}

function read<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T, allowPositionals: boolean) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals });
  } catch (error) {
    throw usageError(error, Object.keys(options));
  }
}
