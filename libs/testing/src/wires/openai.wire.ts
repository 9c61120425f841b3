import type { FakeModelRequest, FakeToolCall, FakeUsage } from '../fake-model-script.js';
import { type WireFormat, type WireReply, type WireStream, sse } from './wire-format.js';

const CREATED = 1_700_000_000;

/** OpenAI's chat completions, and whoever copied them. */
export const OPENAI_WIRE: WireFormat = {
  basePath: '/v1',
  wantsStream: ({ body }) => body.stream === true,
  complete: ({ body: { model } }, reply) => ({
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [{ index: 0, message: message(reply), finish_reason: reply.finishReason }],
    usage: usageOf(reply.usage),
  }),
  stream: (request) => new OpenAiStream(request),
  embeddings: ({ body: { model } }, vectors, { inputTokens }) => ({
    object: 'list',
    model,
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  }),
  // Only who asks for it is told more than the text.
  transcript: ({ body }, { text, ...more }) =>
    body['response_format'] === 'verbose_json' ? { text, ...more } : { text },
  models: (names) => ({ object: 'list', data: names.map((id) => ({ id, object: 'model' })) }),
  failure: (_, text) => ({ error: { message: text, type: 'scripted' } }),
};

function message({ text, reasoning, toolCalls }: WireReply): object {
  return {
    role: 'assistant',
    content: text === '' && toolCalls.length > 0 ? null : text,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls.map(toolCall) } : {}),
  };
}

function toolCall({ id, name, arguments: input }: FakeToolCall, index: number): object {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return { id: id ?? `call_${index + 1}`, type: 'function', function: { name, arguments: text } };
}

function usageOf({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}

class OpenAiStream implements WireStream {
  constructor(private readonly request: FakeModelRequest) {}

  open(): string {
    return this.delta({ role: 'assistant', content: '' });
  }

  reasoning(text: string): string {
    return this.delta({ reasoning_content: text });
  }

  text(piece: string): string {
    return this.delta({ content: piece });
  }

  toolCalls(calls: readonly FakeToolCall[]): string {
    return calls.map((call, index) => this.delta({ tool_calls: [{ index, ...toolCall(call, index) }] })).join('');
  }

  finish(reason: string, usage: FakeUsage): string {
    const last = this.chunk({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
    return `${last}${this.chunk({ choices: [], usage: usageOf(usage) })}data: [DONE]\n\n`;
  }

  fail(message: string): string {
    return sse(OPENAI_WIRE.failure(500, message));
  }

  private delta(delta: object): string {
    return this.chunk({ choices: [{ index: 0, delta, finish_reason: null }] });
  }

  private chunk(fields: object): string {
    const { model } = this.request.body;
    return sse({ id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: CREATED, model, ...fields });
  }
}
