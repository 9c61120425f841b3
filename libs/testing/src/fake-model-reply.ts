import type { ServerResponse } from 'node:http';
import type { FakeModelRequest, FakeReply, FakeToolCall, FakeUsage } from './fake-model-script.js';

const CREATED = 1_700_000_000;

/** Puts one scripted reply on the wire, in the format of OpenAI's chat completions. */
export async function writeReply(response: ServerResponse, request: FakeModelRequest, reply: FakeReply): Promise<void> {
  if ('hang' in reply) return;
  if ('drop' in reply) return void response.destroy();
  if ('status' in reply) return writeFailure(response, reply);
  if ('raw' in reply) return writeRaw(response, reply);
  if ('chunks' in reply) return writeChunks(response, request.body.model, reply);
  if (request.body.stream === true) return writeStream(response, request.body.model, reply);
  json(response, 200, completion(request.body.model, reply));
}

type Complete = Exclude<Extract<FakeReply, { text?: string }>, { chunks: unknown }>;

function writeFailure(response: ServerResponse, reply: Extract<FakeReply, { status: number }>): void {
  if (reply.retryAfter !== undefined) response.setHeader('retry-after', String(reply.retryAfter));
  json(response, reply.status, { error: { message: reply.message ?? `Scripted ${reply.status}`, type: 'scripted' } });
}

function writeRaw(response: ServerResponse, reply: Extract<FakeReply, { raw: string }>): void {
  response.writeHead(200, { 'content-type': reply.contentType ?? 'application/json' }).end(reply.raw);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function completion(model: string, reply: Complete): object {
  const toolCalls = reply.toolCalls?.map(toWire);
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: reply.text ?? null,
          ...(toolCalls ? { tool_calls: toolCalls } : {}),
        },
        finish_reason: finishReason(reply),
      },
    ],
    usage: usage(reply.usage),
  };
}

function finishReason(reply: Complete): string {
  return reply.finishReason ?? (reply.toolCalls?.length ? 'tool_calls' : 'stop');
}

function toWire(call: FakeToolCall, index: number): object {
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
  return { id: call.id ?? `call_${index + 1}`, type: 'function', function: { name: call.name, arguments: text } };
}

function usage(counts: FakeUsage = { inputTokens: 10, outputTokens: 5 }): object {
  return {
    prompt_tokens: counts.inputTokens,
    completion_tokens: counts.outputTokens,
    total_tokens: counts.inputTokens + counts.outputTokens,
    ...(counts.cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: counts.cachedTokens } }),
  };
}

function writeStream(response: ServerResponse, model: string, reply: Complete): void {
  const stream = new WireStream(response, model);
  for (const word of (reply.text ?? '').match(/\s*\S+|\s+$/g) ?? []) stream.delta({ content: word });
  reply.toolCalls?.forEach((call, index) => stream.delta({ tool_calls: [{ index, ...toWire(call, index) }] }));
  stream.finish(finishReason(reply), usage(reply.usage));
}

async function writeChunks(
  response: ServerResponse,
  model: string,
  reply: Extract<FakeReply, { chunks: unknown }>,
): Promise<void> {
  const stream = new WireStream(response, model);
  for (const chunk of reply.chunks) {
    if (typeof chunk === 'string') stream.delta({ content: chunk });
    else await chunk;
  }
  switch (reply.end ?? 'finish') {
    case 'finish':
      return stream.finish('stop', usage(reply.usage));
    case 'no-finish':
      return void response.end();
    case 'cut':
      // The pieces must leave before the reset, or the client would see a connection that never spoke.
      return void response.write('', () => setImmediate(() => response.destroy()));
    case 'stall':
  }
}

class WireStream {
  constructor(
    private readonly response: ServerResponse,
    private readonly model: string,
  ) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    this.delta({ role: 'assistant', content: '' });
  }

  delta(delta: object): void {
    this.write({ choices: [{ index: 0, delta, finish_reason: null }] });
  }

  finish(reason: string, counts: object): void {
    this.write({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
    this.write({ choices: [], usage: counts });
    this.response.end('data: [DONE]\n\n');
  }

  private write(fields: object): void {
    const chunk = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: CREATED, model: this.model };
    this.response.write(`data: ${JSON.stringify({ ...chunk, ...fields })}\n\n`);
  }
}
