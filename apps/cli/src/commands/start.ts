import { spawn } from 'node:child_process';
import { START_HELP, parseStartOptions } from '../../../shared/src/start-options.js';
import type { Command } from '../command.js';

export const startCommand: Command = {
  name: 'start',
  summary: 'Start the API',
  usage: `guildhall start [options]\n\n${START_HELP}`,
  async run(args) {
    const { reload, settings } = parseStartOptions(args, process.env);
    if (reload) return restartOnChange(args.filter((arg) => arg !== '--reload'));
    const [{ runProcess }, { startApi }] = await Promise.all([
      import('../../../shared/src/run-process.js'),
      import('../../../api/src/start-api.js'),
    ]);
    await runProcess((loaded) => startApi({ loaded }), settings);
    return undefined;
  },
};

/** Node's own watch mode over this same command. */
async function restartOnChange(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--watch', process.argv[1]!, 'start', ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 0)));
}
