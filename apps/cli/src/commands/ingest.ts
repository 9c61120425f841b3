import { UsageError } from '../../../shared/src/start-options.js';
import type { Command } from '../command.js';
import { findCollection } from '../ingest/find-collection.js';
import { inParallel } from '../ingest/in-parallel.js';
import { type Outcome, ingestSource } from '../ingest/ingest-source.js';
import { Progress } from '../ingest/progress.js';
import { findSources } from '../ingest/sources.js';
import { readArguments } from '../options.js';
import type { Named } from '../server/find-named.js';
import { SERVER_HELP, SERVER_OPTIONS, serverOf } from '../server/server-options.js';

/** Enough that the server always has one to work on while the next is on its way. */
const LANES = 4;
/** What shells say of a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

export const ingestCommand: Command = {
  name: 'ingest',
  summary: 'Take files, folders or addresses into a collection; exits with 1 when one of them fails',
  usage: `guildhall ingest <folder|file|url>... --collection <name|id> [--create] [--url <address>] [--key <api key>]

  --collection  Where to. What it holds already is not taken in again
  --create      Make the collection if there is none of that name
${SERVER_HELP}

  Hidden files, links and node_modules of a folder are left out.`,
  async run(args) {
    const { targets, wanted, create, server } = readInput(args);
    const sources = await findSources(targets);
    const collection = await findCollection(server, wanted, create);
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort();
    process.once('SIGINT', interrupt);
    const progress = new Progress(sources.length, process.stdout);
    const outcomes: Outcome[] = [];
    progress.start();
    try {
      await inParallel(sources, LANES, interrupted.signal, async (source, signal) => {
        const outcome = await ingestSource(server, collection.id, source, signal);
        outcomes.push(outcome);
        progress.report(outcome);
      });
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      return EXIT_INTERRUPTED;
    } finally {
      progress.end();
      process.off('SIGINT', interrupt);
      console.log(summary(outcomes, sources.length, collection));
    }
    return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
  },
};

function readInput(args: readonly string[]) {
  const options = { ...SERVER_OPTIONS, collection: { type: 'string' }, create: { type: 'boolean' } } as const;
  const { values, positionals: targets } = readArguments(args, options);
  if (targets.length === 0) throw new UsageError('Name what to take in: a folder, a file or an address');
  const { collection: wanted, create = false } = values;
  if (wanted === undefined || wanted.trim() === '')
    throw new UsageError('--collection names where to, and is required');
  return { targets, wanted, create, server: serverOf(values) };
}

function summary(outcomes: readonly Outcome[], total: number, { id, name }: Named): string {
  const count = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const missing = total - outcomes.length;
  const rest = missing > 0 ? `, ${missing} not done` : '';
  return `${name} (${id}): ${count('ready')} taken in, ${count('known')} there already, ${count('failed')} failed${rest}`;
}
