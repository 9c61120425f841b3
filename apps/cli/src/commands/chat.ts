import { UsageError } from '../../../shared/src/start-options.js';
import { Conversation } from '../chat/conversation.js';
import { findAgent } from '../chat/find-agent.js';
import { InputLines } from '../chat/input-lines.js';
import type { Command } from '../command.js';
import { readArguments } from '../options.js';
import { SERVER_HELP, SERVER_OPTIONS, serverOf } from '../server/server-options.js';

/** What shells say of a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

export const chatCommand: Command = {
  name: 'chat',
  summary: 'Talk with an agent: what it says, the tools it calls, the quotes it gives, the questions it asks',
  usage: `guildhall chat [agent] [--thread <id>] [--url <address>] [--key <api key>]

  agent     Its name or id. Default: the only one there is
  --thread  A conversation to go on with. Default: a new one
${SERVER_HELP}

  Ctrl-C cancels an answer, and leaves when there is none or when it is pressed again. Without a terminal each line of
  the input is said in turn, lines answer questions too, and it exits with 1 when one was not answered.`,
  async run(args) {
    const { values, positionals } = readArguments(args, { ...SERVER_OPTIONS, thread: { type: 'string' } });
    if (positionals.length > 1) throw new UsageError(`One agent at a time; found '${positionals.join(' ')}'`);
    const server = serverOf(values);
    const agent = await findAgent(server, positionals[0]);
    const write = (text: string) => process.stdout.write(text);
    const conversation = new Conversation(server, agent.id, write, values.thread);
    const lines = new InputLines(process.stdin, process.stdout, () => conversation.interrupt());
    if (lines.isTerminal) write(`Talking with ${agent.name}. Ctrl-C cancels an answer, Ctrl-D leaves.\n`);
    try {
      const isAnswered = await hold(conversation, lines);
      return isAnswered || lines.isTerminal ? 0 : 1;
    } catch (error) {
      if (!conversation.left.aborted) throw error;
      return EXIT_INTERRUPTED;
    } finally {
      lines.close();
      const { threadId } = conversation;
      if (lines.isTerminal && threadId) write(`\nTo go on: guildhall chat ${agent.name} --thread ${threadId}\n`);
    }
  },
};

/** Whether everything that was said was answered. */
async function hold(conversation: Conversation, lines: InputLines): Promise<boolean> {
  let isAnswered = true;
  for (;;) {
    const text = await lines.next('> ', conversation.left);
    if (text === undefined) return isAnswered;
    if (text.trim() !== '') isAnswered = (await conversation.say(text, lines)) && isAnswered;
  }
}
