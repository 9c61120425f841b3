import type { FakeModelRequest, FakeToolCall, FakeUsage } from '../fake-model-script.js';
import { type WireFormat, type WireReply, type WireStream, sse } from './wire-format.js';

const SIGNATURE = 'c2lnbmVk';
const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  content_filter: 'refusal',
};

/** Anthropic's messages. */
export const ANTHROPIC_WIRE: WireFormat = {
  basePath: '/v1',
  wantsStream: ({ body }) => body.stream === true,
  complete: ({ body: { model } }, reply) => ({
    ...envelope(model),
    content: contentOf(reply),
    stop_reason: stopReason(reply.finishReason),
    usage: usageOf(reply.usage),
  }),
  stream: (request) => new AnthropicStream(request),
  embeddings: () => {
    throw new Error('Anthropic has no embeddings');
  },
  transcript: () => {
    throw new Error('Anthropic does not transcribe');
  },
  models: (names) => ({ data: names.map((id) => ({ type: 'model', id })) }),
  failure: (status, message) => ({
    type: 'error',
    error: { type: status === 529 ? 'overloaded_error' : 'api_error', message },
  }),
};

const envelope = (model: string) => ({
  id: 'msg_fake',
  type: 'message',
  role: 'assistant',
  model,
  content: [] as object[],
  stop_reason: null as string | null,
  stop_sequence: null,
});

const stopReason = (reason: string): string => STOP_REASONS[reason] ?? reason;

function contentOf({ text, reasoning, toolCalls }: WireReply): object[] {
  return [
    ...(reasoning === '' ? [] : [{ type: 'thinking', thinking: reasoning, signature: SIGNATURE }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...toolCalls.map((call, index) => ({ ...toolUse(call, index), input: call.arguments })),
  ];
}

const toolUse = ({ id, name }: FakeToolCall, index: number) => ({
  type: 'tool_use',
  id: id ?? `toolu_${index + 1}`,
  name,
  input: {},
});

/** Here, unlike elsewhere, what was cached is not part of the input. */
function usageOf(usage: FakeUsage): object {
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = usage;
  return {
    input_tokens: inputTokens - (cachedTokens ?? 0) - (cacheWriteTokens ?? 0),
    output_tokens: outputTokens,
    ...(cachedTokens === undefined ? {} : { cache_read_input_tokens: cachedTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cache_creation_input_tokens: cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}

class AnthropicStream implements WireStream {
  private index = -1;
  private isTextOpen = false;

  constructor(private readonly request: FakeModelRequest) {}

  open(usage: FakeUsage): string {
    const message = { ...envelope(this.request.body.model), usage: usageOf({ ...usage, outputTokens: 1 }) };
    return event('message_start', { message }) + event('ping', {});
  }

  reasoning(thinking: string): string {
    return this.block({ type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature: SIGNATURE },
    ]);
  }

  text(text: string): string {
    const start = this.isTextOpen ? '' : this.start({ type: 'text', text: '' });
    this.isTextOpen = true;
    return start + this.delta({ type: 'text_delta', text });
  }

  toolCalls(calls: readonly FakeToolCall[]): string {
    const blocks = calls.map((call, index) => {
      const input = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
      return this.block(toolUse(call, index), [{ type: 'input_json_delta', partial_json: input }]);
    });
    return this.endText() + blocks.join('');
  }

  finish(reason: string, usage: FakeUsage): string {
    const delta = { stop_reason: stopReason(reason), stop_sequence: null };
    return this.endText() + event('message_delta', { delta, usage: usageOf(usage) }) + event('message_stop', {});
  }

  fail(message: string): string {
    return sse(ANTHROPIC_WIRE.failure(529, message), 'error');
  }

  private block(content: object, deltas: readonly object[]): string {
    return this.start(content) + deltas.map((delta) => this.delta(delta)).join('') + this.stop();
  }

  private start(block: object): string {
    this.index++;
    return event('content_block_start', { index: this.index, content_block: block });
  }

  private delta(delta: object): string {
    return event('content_block_delta', { index: this.index, delta });
  }

  private stop(): string {
    return event('content_block_stop', { index: this.index });
  }

  private endText(): string {
    const end = this.isTextOpen ? this.stop() : '';
    this.isTextOpen = false;
    return end;
  }
}

const event = (type: string, fields: object): string => sse({ type, ...fields }, type);
