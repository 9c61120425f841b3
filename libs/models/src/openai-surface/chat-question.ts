import type { CallObserver, ForwardReply, ModelClient, OnBytes } from '@guildhall/sdk';
import { believableUsage } from '../accounting/believable-usage.js';
import { withUniqueIds } from '../routing/call-ids.js';
import { type CallSize, LONG_ANSWER } from '../routing/price.js';
import type { Question } from '../routing/routed-call.js';
import { estimateTokens } from '../text/estimate-tokens.js';
import type { ChatRequest } from './chat-request.js';
import { ChunkWriter, type Said, chatCompletion } from './completion.js';
import { modelCall } from './model-call.js';

/** A chat completion, asked of a model in OpenAI's words where it understands them, else in ours. */
export class ChatQuestion implements Question<ForwardReply> {
  /** What a client has read cannot be taken back: OpenAI's streams have no word for it. */
  readonly restartable = false;

  constructor(
    private readonly request: ChatRequest,
    private readonly signal: AbortSignal,
    /** Absent: the answer comes whole. */
    private readonly write?: OnBytes,
  ) {}

  /** Each of the choices may be as long as any. */
  size(): CallSize {
    const { messages, tools, n, max_completion_tokens, max_tokens } = this.request.body;
    const most = max_completion_tokens ?? max_tokens;
    const choices = typeof n === 'number' && n > 1 ? Math.ceil(n) : 1;
    return {
      inputTokens: estimateTokens(JSON.stringify(messages), tools === undefined ? '' : JSON.stringify(tools)),
      outputTokens: choices * (typeof most === 'number' && most >= 0 ? Math.ceil(most) : LONG_ANSWER),
    };
  }

  ask(client: ModelClient, model: string, onOutput: () => void, observer: CallObserver): Promise<ForwardReply> {
    const { body } = this.request;
    const { signal } = this;
    const write = this.write && this.noticed(this.write, onOutput);
    if (client.forward)
      return client.forward({ model, body, signal, onBegin: observer.onBegin, onUsage: observer.onUsage }, write);
    return write ? this.chunks(client, model, write, observer) : this.whole(client, model, observer);
  }

  private noticed(write: OnBytes, onOutput: () => void): OnBytes {
    return (bytes) => {
      onOutput();
      return write(bytes);
    };
  }

  private async whole(client: ModelClient, model: string, observer: CallObserver): Promise<ForwardReply> {
    const said = await this.generate(client, model, observer);
    return { ...counted(said), text: JSON.stringify(chatCompletion(model, said)) };
  }

  private async chunks(
    client: ModelClient,
    model: string,
    write: OnBytes,
    observer: CallObserver,
  ): Promise<ForwardReply> {
    const chunks = new ChunkWriter(model, this.request.includeUsage, write);
    const said = await this.generate(client, model, observer, (text) => void chunks.text(text));
    await chunks.finish(said);
    return { ...counted(said), text: '' };
  }

  private async generate(
    client: ModelClient,
    model: string,
    { onBegin, onUsage }: CallObserver,
    onDelta?: (text: string) => void,
  ): Promise<Said> {
    const call = { ...modelCall(this.request.body, model, this.signal), onBegin, onUsage };
    const { text, toolCalls, finishReason, usage } = await client.generate(call, onDelta);
    return {
      text,
      toolCalls: withUniqueIds(toolCalls, call.messages),
      finishReason,
      usage: usage && believableUsage(usage).usage,
    };
  }
}

const counted = ({ usage }: Said): Pick<ForwardReply, 'usage'> => (usage ? { usage } : {});
