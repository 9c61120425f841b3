import type { FakeModelRequest, FakeToolCall, FakeUsage } from '../fake-model-script.js';
import { type WireFormat, type WireReply, type WireStream, sse } from './wire-format.js';

const FINISH_REASONS: Readonly<Record<string, string>> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
};

/** Google's `generateContent`: the model and the wish for a stream stand in the address. */
export const GOOGLE_WIRE: WireFormat = {
  basePath: '/v1beta',
  wantsStream: ({ path }) => path.includes(':streamGenerateContent'),
  complete: (request, reply) => chunk(request, partsOf(reply), reply.finishReason, reply.usage),
  stream: (request) => new GoogleStream(request),
  embeddings: ({ path }, vectors) =>
    path.endsWith(':embedContent')
      ? { embedding: { values: vectors[0] } }
      : { embeddings: vectors.map((values) => ({ values })) },
  transcript: (_, { text }) => ({ steps: [{ content: [{ type: 'text', text }] }] }),
  models: (names) => ({ models: names.map((name) => ({ name: `models/${name}` })) }),
  failure: (code, message) => ({ error: { code, message, status: 'SCRIPTED' } }),
};

function chunk({ path }: FakeModelRequest, parts: readonly object[], reason?: string, usage?: FakeUsage): object {
  const finishReason = reason === undefined ? {} : { finishReason: FINISH_REASONS[reason] ?? reason };
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, ...finishReason }],
    ...(usage === undefined ? {} : { usageMetadata: usageOf(usage) }),
    modelVersion: /models\/([^:]+)/.exec(path)?.[1],
  };
}

function partsOf({ text, reasoning, toolCalls }: WireReply): object[] {
  return [
    ...(reasoning === '' ? [] : [{ text: reasoning, thought: true }]),
    ...(text === '' ? [] : [{ text }]),
    ...toolCalls.map(functionCall),
  ];
}

const functionCall = ({ id, name, arguments: args }: FakeToolCall): object => ({
  functionCall: { ...(id === undefined ? {} : { id }), name, args },
});

/** Here, unlike elsewhere, thinking is not part of the output. */
function usageOf({ inputTokens, outputTokens, cachedTokens, reasoningTokens }: FakeUsage): object {
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens - (reasoningTokens ?? 0),
    totalTokenCount: inputTokens + outputTokens,
    ...(cachedTokens === undefined ? {} : { cachedContentTokenCount: cachedTokens }),
    ...(reasoningTokens === undefined ? {} : { thoughtsTokenCount: reasoningTokens }),
  };
}

class GoogleStream implements WireStream {
  constructor(private readonly request: FakeModelRequest) {}

  open(): string {
    return '';
  }

  reasoning(text: string): string {
    return sse(chunk(this.request, [{ text, thought: true }]));
  }

  text(text: string): string {
    return sse(chunk(this.request, [{ text }]));
  }

  toolCalls(calls: readonly FakeToolCall[]): string {
    return sse(chunk(this.request, calls.map(functionCall)));
  }

  finish(reason: string, usage: FakeUsage): string {
    return sse(chunk(this.request, [{ text: '' }], reason, usage));
  }

  fail(message: string): string {
    return sse(GOOGLE_WIRE.failure(503, message));
  }
}
