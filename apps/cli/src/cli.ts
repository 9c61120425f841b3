import { VERSION } from '@guildhall/core';
import { explainFailure } from '../../shared/src/explain-failure.js';
import { UsageError } from '../../shared/src/start-options.js';
import type { Command } from './command.js';
import { configPrintCommand } from './commands/config-print.js';
import { healthCommand } from './commands/health.js';
import { keysCreateCommand } from './commands/keys-create.js';
import { migrateCommand } from './commands/migrate.js';
import { pluginsDoctorCommand, pluginsListCommand } from './commands/plugins.js';
import { startCommand } from './commands/start.js';

const COMMANDS: readonly Command[] = [
  startCommand,
  migrateCommand,
  pluginsListCommand,
  pluginsDoctorCommand,
  configPrintCommand,
  keysCreateCommand,
  healthCommand,
];

/** What cannot be understood, by the convention of shells. */
const EXIT_USAGE = 2;

/** Runs the command that `args` name. Undefined: the command stays, the process lives on. */
export async function runCli(args: readonly string[]): Promise<number | undefined> {
  if (args.length === 0 || args[0] === '--help' || args[0] === 'help') {
    console.log(overview());
    return args.length === 0 ? EXIT_USAGE : 0;
  }
  if (args[0] === '--version') {
    console.log(VERSION);
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
  if (command === undefined) {
    console.error(`guildhall has no command '${args.slice(0, 2).join(' ')}'\n\n${overview()}`);
    return EXIT_USAGE;
  }
  const rest = args.slice(command.name.split(' ').length);
  if (rest.includes('--help')) {
    console.log(`${command.summary}\n\n  ${command.usage}`);
    return 0;
  }
  return perform(command, rest);
}

async function perform(command: Command, args: readonly string[]): Promise<number | undefined> {
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n  ${command.usage}`);
      return EXIT_USAGE;
    }
    const { text, exitCode } = explainFailure(error);
    console.error(text);
    return exitCode;
  }
}

function overview(): string {
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`);
  return ['guildhall <command> [options]', '', ...lines, '', '<command> --help shows its options'].join('\n');
}
