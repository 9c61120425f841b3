import { VERSION, nearestName } from '@guildhall/core';
import { explainFailure } from '../../shared/src/explain-failure.js';
import { UsageError } from '../../shared/src/start-options.js';
import type { Command } from './command.js';
import { chatCommand } from './commands/chat.js';
import { configPrintCommand } from './commands/config-print.js';
import { healthCommand } from './commands/health.js';
import { ingestCommand } from './commands/ingest.js';
import { initCommand } from './commands/init.js';
import { keysCreateCommand } from './commands/keys-create.js';
import { migrateCommand } from './commands/migrate.js';
import { pluginsDoctorCommand, pluginsListCommand } from './commands/plugins.js';
import { startCommand } from './commands/start.js';

const COMMANDS: readonly Command[] = [
  initCommand,
  startCommand,
  migrateCommand,
  pluginsListCommand,
  pluginsDoctorCommand,
  configPrintCommand,
  keysCreateCommand,
  healthCommand,
  ingestCommand,
  chatCommand,
];

const HELP = ['--help', '-h', 'help'];

/** What cannot be understood, by the convention of shells. */
const EXIT_USAGE = 2;

/** Runs the command that `args` name. Undefined: the command stays, the process lives on. */
export async function runCli(args: readonly string[]): Promise<number | undefined> {
  if (args.length === 0 || (HELP.includes(args[0]!) && args.length === 1)) {
    console.log(overview());
    return args.length === 0 ? EXIT_USAGE : 0;
  }
  if (args[0] === '--version' || args[0] === '-v') {
    console.log(VERSION);
    return 0;
  }
  // `guildhall help start`, as `guildhall start --help`.
  const words = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
  if (command === undefined) {
    console.error(`${refusalOf(words)}\n\n${overview()}`);
    return EXIT_USAGE;
  }
  const rest = words.slice(command.name.split(' ').length);
  if (rest.includes('--help') || rest.includes('-h')) {
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
    const { text, exitCode } = explainFailure(error, `guildhall ${command.name}`);
    console.error(text);
    return exitCode;
  }
}

function refusalOf(words: readonly string[]): string {
  const given = words.filter((word) => !word.startsWith('-')).slice(0, 2);
  const meant = [given.join(' '), given[0] ?? ''].map((text) =>
    nearestName(
      text,
      COMMANDS.map(({ name }) => name),
    ),
  );
  const hint = meant.find((name) => name !== undefined);
  return `guildhall has no command '${given.join(' ')}'${hint ? `; did you mean '${hint}'?` : ''}`;
}

function overview(): string {
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`);
  return ['guildhall <command> [options]', '', ...lines, '', '<command> --help shows its options'].join('\n');
}
