import { parseArgs } from 'node:util';
import { nearestName } from '@guildhall/core';

export const START_HELP = `Options of start (each stands for the setting in brackets and wins over the environment):
  --host <address>     Where to listen (HOST)
  --port <number>      0 to 65535, 0 picks a free one (PORT)
  --env <name>         development, test, staging or production (NODE_ENV)
  --log-level <level>  trace, debug, info, warn, error, fatal or silent (LOG_LEVEL)
  --workers <0|1>      Work on runs in this process too (RUN_WORKERS); for more, start workers: npm run start:worker
  --reload             Restart when the built files change; refused in production
  -h, --help           Show this`;

/** Options that no one can mean; the process ends with code 2. */
export class UsageError extends Error {}

export interface StartOptions {
  readonly help: boolean;
  readonly reload: boolean;
  /** Settings by name, as if they stood in the environment. */
  readonly settings: Readonly<Record<string, string>>;
}

const ENVIRONMENTS = ['development', 'test', 'testing', 'staging', 'production'];
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Throws a `UsageError` that names the option and what it takes. */
export function parseStartOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartOptions {
  const { host, port, env, workers, reload = false, help = false, ...rest } = parse(args);
  const level = rest['log-level'];
  const settings: Record<string, string> = {};
  if (host !== undefined) settings['HOST'] = check('host', host, host.trim() !== '', 'an address, e.g. 127.0.0.1');
  if (port !== undefined) {
    const valid = /^\d{1,5}$/.test(port) && Number(port) <= 65_535;
    settings['PORT'] = check('port', port, valid, 'a number from 0 to 65535');
  }
  if (env !== undefined) settings['NODE_ENV'] = check('env', env, ENVIRONMENTS.includes(env), ENVIRONMENTS.join(', '));
  if (level !== undefined) settings['LOG_LEVEL'] = check('log-level', level, LEVELS.includes(level), LEVELS.join(', '));
  if (workers !== undefined) {
    const rule = '0 or 1; start more processes with "npm run start:worker"';
    settings['RUN_WORKERS'] = check('workers', workers, ['0', '1'].includes(workers), rule);
  }
  if (reload && (settings['NODE_ENV'] ?? environment['NODE_ENV']) === 'production') {
    throw new UsageError('--reload is refused in production');
  }
  return { help, reload, settings };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { host: text, port: text, env: text, 'log-level': text, workers: text, reload: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw usageError(error, Object.keys(options));
  }
}

/** What `parseArgs` complained of, with the option that was probably meant. */
export function usageError(error: unknown, options: readonly string[]): UsageError {
  const { message, code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return new UsageError(message);
  const given = /'(-[^' =]*)/.exec(message)?.[1] ?? '';
  const meant = nearestName(given.replace(/^-+/, ''), options);
  return new UsageError(`Unknown option '${given}'${meant ? `; did you mean --${meant}?` : ''}`);
}

function check(option: string, value: string, valid: boolean, rule: string): string {
  if (valid) return value;
  throw new UsageError(`--${option} takes ${rule}; found '${value}'`);
}
