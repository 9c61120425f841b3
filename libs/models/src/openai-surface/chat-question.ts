import type { ForwardReply, ModelClient, OnBytes } from '@guildhall/sdk';
import { withUniqueIds } from '../routing/call-ids.js';
import type { Question } from '../routing/routed-call.js';
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

  ask(client: ModelClient, model: string, onOutput: () => void): Promise<ForwardReply> {
    const { body } = this.request;
    const { signal } = this;
    const write = this.write && this.noticed(this.write, onOutput);
    if (client.forward) return client.forward({ model, body, signal }, write);
    return write ? this.chunks(client, model, write) : this.whole(client, model);
  }

  private noticed(write: OnBytes, onOutput: () => void): OnBytes {
    return (bytes) => {
      onOutput();
      return write(bytes);
    };
  }

  private async whole(client: ModelClient, model: string): Promise<ForwardReply> {
    const said = await this.generate(client, model);
    return { usage: said.usage, text: JSON.stringify(chatCompletion(model, said)) };
  }

  private async chunks(client: ModelClient, model: string, write: OnBytes): Promise<ForwardReply> {
    const chunks = new ChunkWriter(model, this.request.includeUsage, write);
    const said = await this.generate(client, model, (text) => void chunks.text(text));
    await chunks.finish(said);
    return { usage: said.usage, text: '' };
  }

  private async generate(client: ModelClient, model: string, onDelta?: (text: string) => void): Promise<Said> {
    const call = modelCall(this.request.body, model, this.signal);
    const { text, toolCalls, finishReason, usage } = await client.generate(call, onDelta);
    return { text, toolCalls: withUniqueIds(toolCalls, call.messages), finishReason, usage };
  }
}
