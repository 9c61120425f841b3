import type { FakeModelRequest, FakeToolCall, FakeUsage } from '../fake-model-script.js';

/** A whole reply, before it is put into a vendor's words. */
export interface WireReply {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly FakeToolCall[];
  /** In OpenAI's words (`stop`, `tool_calls`, `length`, `content_filter`); any other goes out as it is. */
  readonly finishReason: string;
  readonly usage: FakeUsage;
}

/** One stream, piece by piece; each method returns what goes over the wire for it. */
export interface WireStream {
  open(usage: FakeUsage): string;
  reasoning(text: string): string;
  text(piece: string): string;
  toolCalls(calls: readonly FakeToolCall[]): string;
  finish(reason: string, usage: FakeUsage): string;
  /** A failure after the answer began. */
  fail(message: string): string;
}

/** How one vendor speaks. */
export interface WireFormat {
  /** Where its base URL ends. */
  readonly basePath: string;
  wantsStream(request: FakeModelRequest): boolean;
  complete(request: FakeModelRequest, reply: WireReply): object;
  stream(request: FakeModelRequest): WireStream;
  embeddings(request: FakeModelRequest, vectors: readonly (readonly number[])[], usage: FakeUsage): object;
  transcript(request: FakeModelRequest, transcript: { readonly text: string }): object;
  /** The answer to `GET /models`. */
  models(names: readonly string[]): object;
  failure(status: number, message: string): object;
}

/** One event of a stream of server-sent events. */
export const sse = (data: object, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
