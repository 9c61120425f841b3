import type { ContentPart, ModelMessage, ModelReply, ThreadMessage, ToolFailure, ToolResult } from '@guildhall/sdk';

interface Exchange {
  readonly reply: ModelReply;
  readonly results: Map<string, ToolResult>;
}

/** What the model sees: the thread's window, then what it said in this run and what its tools answered. */
export class Conversation {
  private readonly exchanges: Exchange[] = [];
  private thread: Promise<readonly ThreadMessage[]> | undefined;

  constructor(private readonly load: () => Promise<readonly ThreadMessage[]>) {}

  async messages(): Promise<ModelMessage[]> {
    // A window that could not be loaded may be loaded by the next who asks.
    this.thread ??= this.load().catch((error: unknown) => {
      this.thread = undefined;
      throw error;
    });
    return [...(await this.thread).flatMap(toModelMessage), ...this.exchanges.flatMap(ofExchange)];
  }

  replied(reply: ModelReply): void {
    this.exchanges.push({ reply, results: new Map() });
  }

  answered(callId: string, result: ToolResult): void {
    const exchange = this.exchanges.findLast(({ reply }) => reply.toolCalls.some(({ id }) => id === callId));
    exchange?.results.set(callId, result);
  }
}

/** In the order of the calls, whichever answered first. */
function ofExchange({ reply, results }: Exchange): ModelMessage[] {
  const { text, toolCalls } = reply;
  const said: ModelMessage =
    toolCalls.length > 0 ? { role: 'assistant', text, toolCalls } : { role: 'assistant', text };
  const answers = toolCalls.flatMap(({ id, tool }): ModelMessage[] => {
    const result = results.get(id);
    if (!result) return [];
    return result.ok
      ? [{ role: 'tool', callId: id, tool, output: result.output }]
      : [{ role: 'tool', callId: id, tool, output: toldToModel(result.error), failed: true }];
  });
  return [said, ...answers];
}

/** What kind of failure it is matters to our clients; a model needs the words. */
const toldToModel = ({ code, message }: ToolFailure) => ({ code, message });

/** A stored tool message has lost its call, which a model insists on; its run told the model then. */
function toModelMessage({ role, text, parts }: ThreadMessage): ModelMessage[] {
  switch (role) {
    case 'system':
    case 'assistant':
      return [{ role, text }];
    case 'user':
      return [parts?.length ? { role, text, parts: parts as readonly ContentPart[] } : { role, text }];
    case 'tool':
      return [];
  }
}
