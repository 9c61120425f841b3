import { randomUUID } from 'node:crypto';
import type { ClientReply, ToolCall, VendorUsage } from '@guildhall/sdk';

/** A reply as a chat completion tells it. */
export interface Said {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: ClientReply['finishReason'];
  /** Absent where nobody counted. */
  readonly usage?: VendorUsage | undefined;
  /** What OpenAI has no field for. */
  readonly guildhall?: object;
}

const FINISH_REASONS = {
  stop: 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  'content-filter': 'content_filter',
} as const satisfies Record<ClientReply['finishReason'], string>;

export function chatCompletion(model: string, { text, toolCalls, finishReason, usage, guildhall }: Said): object {
  const content = text === '' && toolCalls.length > 0 ? null : text;
  const message = {
    role: 'assistant',
    content,
    refusal: null,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls.map(toWire) } : {}),
  };
  return {
    ...heading('chat.completion', model),
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH_REASONS[finishReason] }],
    ...(usage ? { usage: toUsage(usage) } : {}),
    ...(guildhall === undefined ? {} : { guildhall }),
  };
}

/** Writes a reply as chunks of a stream. */
export class ChunkWriter {
  private readonly heading: object;
  private hasText = false;

  constructor(
    model: string,
    private readonly includeUsage: boolean,
    private readonly write: (bytes: Uint8Array) => void | Promise<void>,
  ) {
    this.heading = heading('chat.completion.chunk', model);
  }

  text(text: string): void | Promise<void> {
    const role = this.hasText ? {} : { role: 'assistant' };
    this.hasText = true;
    return this.choice({ ...role, content: text }, null);
  }

  /** What is left to say, and the end. */
  async finish({ text, toolCalls, finishReason, usage, guildhall }: Said): Promise<void> {
    // Some models say everything at once.
    if (!this.hasText) await this.text(text);
    if (toolCalls.length > 0) {
      await this.choice({ tool_calls: toolCalls.map((call, index) => ({ index, ...toWire(call) })) }, null);
    }
    await this.choice({}, FINISH_REASONS[finishReason], guildhall === undefined ? {} : { guildhall });
    if (this.includeUsage && usage) await this.event({ choices: [], usage: toUsage(usage) });
    await this.write(Buffer.from('data: [DONE]\n\n'));
  }

  private choice(delta: object, finish_reason: string | null, more: object = {}): void | Promise<void> {
    return this.event({ choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...more });
  }

  private event(fields: object): void | Promise<void> {
    return this.write(Buffer.from(`data: ${JSON.stringify({ ...this.heading, ...fields })}\n\n`));
  }
}

function heading(object: string, model: string): object {
  const id = `chatcmpl-${randomUUID().replaceAll('-', '')}`;
  return { id, object, created: Math.floor(Date.now() / 1000), model };
}

function toWire({ id, tool, input }: ToolCall): object {
  return {
    id,
    type: 'function',
    function: { name: tool, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  };
}

function toUsage({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: VendorUsage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    ...(reasoningTokens === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}
