import type { ServerResponse } from 'node:http';
import type { FakeHeaders, FakeModelRequest, FakeReply, FakeUsage } from './fake-model-script.js';
import type { WireFormat, WireReply } from './wires/wire-format.js';

const USAGE: FakeUsage = { inputTokens: 10, outputTokens: 5 };
const PIECE = 65_536;
const STREAM = { 'content-type': 'text/event-stream' };

type Variant<Key extends string> = Extract<FakeReply, Readonly<Record<Key, unknown>>>;
type Complete = Exclude<Extract<FakeReply, { text?: string }>, { chunks: unknown }>;

/** Puts one scripted reply on the wire, in a vendor's format. */
export async function writeReply(
  response: ServerResponse,
  request: FakeModelRequest,
  reply: FakeReply,
  wire: WireFormat,
): Promise<void> {
  if ('hang' in reply) return;
  if ('drop' in reply) return void response.destroy();
  if ('raw' in reply) return writeRaw(response, reply);
  if ('status' in reply) return writeFailure(response, reply, wire);
  if ('flood' in reply) return writeFlood(response, reply);
  if ('endless' in reply) return writeEndless(response, request, reply, wire);
  if ('embeddings' in reply)
    return json(response, 200, wire.embeddings(request, reply.embeddings, reply.usage ?? USAGE));
  if ('transcript' in reply) return json(response, 200, wire.transcript(request, reply.transcript));
  if ('audio' in reply) return writeAudio(response, reply);
  if ('chunks' in reply) return writeChunks(response, request, reply, wire);
  await reply.after;
  writeComplete(response, request, reply, wire);
}

function writeFailure(response: ServerResponse, reply: Variant<'status'>, wire: WireFormat): void {
  if (reply.retryAfter !== undefined) response.setHeader('retry-after', String(reply.retryAfter));
  setHeaders(response, reply.headers);
  json(response, reply.status, wire.failure(reply.status, reply.message ?? `Scripted ${reply.status}`));
}

function writeRaw(response: ServerResponse, { raw, status = 200, contentType, headers }: Variant<'raw'>): void {
  setHeaders(response, headers);
  response.writeHead(status, { 'content-type': contentType ?? 'application/json' }).end(raw);
}

function setHeaders(response: ServerResponse, headers: FakeHeaders = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Vendors send speech as bytes, whatever else they speak. */
async function writeAudio(response: ServerResponse, { audio, end = 'finish' }: Variant<'audio'>): Promise<void> {
  response.writeHead(200, { 'content-type': 'audio/mpeg' });
  response.flushHeaders();
  for (const piece of audio) {
    if (piece instanceof Uint8Array) response.write(piece);
    else await piece;
  }
  if (end === 'finish') return void response.end();
  response.write('', () => setImmediate(() => response.destroy()));
}

async function writeFlood(response: ServerResponse, { flood, onSent }: Variant<'flood'>): Promise<void> {
  response.writeHead(200, STREAM).write('data: "');
  onSent?.(await pour(response, 'x'.repeat(PIECE), flood));
  response.destroy();
}

async function writeEndless(
  response: ServerResponse,
  request: FakeModelRequest,
  { endless, spoken, onSent }: Variant<'endless'>,
  wire: WireFormat,
): Promise<void> {
  const stream = wire.stream(request);
  response.writeHead(200, STREAM);
  if (spoken) response.write(stream.open(USAGE) + stream.text(endless));
  const one = spoken ? stream.text(endless) : endless;
  onSent?.(await pour(response, one.repeat(Math.ceil(PIECE / one.length)), Infinity));
}

/** Writes as fast as the client takes it; resolves to how much left until enough did, or the client hung up. */
async function pour(response: ServerResponse, piece: string, enough: number): Promise<number> {
  let sent = 0;
  while (sent < enough && !response.destroyed) {
    sent += piece.length;
    if (response.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        response.off('drain', go).off('close', go);
        resolve();
      };
      response.on('drain', go).on('close', go);
    });
  }
  return sent;
}

function writeComplete(response: ServerResponse, request: FakeModelRequest, reply: Complete, wire: WireFormat): void {
  const { text = '', reasoning = '', toolCalls = [], usage = USAGE } = reply;
  const finishReason = reply.finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
  const whole = { text, reasoning, toolCalls, finishReason, usage };
  const streamed = wire.wantsStream(request);
  const body = streamed ? streamOf(request, whole, wire) : JSON.stringify(wire.complete(request, whole));
  response.writeHead(200, streamed ? STREAM : { 'content-type': 'application/json' });
  response.end(reply.brokenAt === undefined ? body : brokenAt(body, reply.brokenAt));
}

function streamOf(request: FakeModelRequest, reply: WireReply, wire: WireFormat): string {
  const stream = wire.stream(request);
  // By what stands at their borders: a pattern that takes a word of megabytes in may run out of stack.
  const words = reply.text === '' ? [] : reply.text.split(/(?<=\S)(?=\s)/);
  return [
    stream.open(reply.usage),
    reply.reasoning === '' ? '' : stream.reasoning(reply.reasoning),
    ...words.map((word) => stream.text(word)),
    reply.toolCalls.length === 0 ? '' : stream.toolCalls(reply.toolCalls),
    stream.finish(reply.finishReason, reply.usage),
  ].join('');
}

/** Up to the middle of a character that takes several bytes. */
function brokenAt(body: string, character: string): Buffer {
  const bytes = Buffer.from(body);
  return bytes.subarray(0, bytes.indexOf(character) + 1);
}

async function writeChunks(
  response: ServerResponse,
  request: FakeModelRequest,
  { chunks, end = 'finish', message = 'Scripted', usage = USAGE }: Variant<'chunks'>,
  wire: WireFormat,
): Promise<void> {
  const stream = wire.stream(request);
  response.writeHead(200, STREAM);
  response.flushHeaders();
  response.write(stream.open(usage));
  for (const chunk of chunks) {
    if (typeof chunk === 'string') response.write(stream.text(chunk));
    else await chunk;
  }
  switch (end) {
    case 'finish':
      // As vendors do: the end of the answer comes a moment after its last event.
      return void response.write(stream.finish('stop', usage), () => setImmediate(() => response.end()));
    case 'error':
      return void response.end(stream.fail(message));
    case 'no-finish':
      return void response.end();
    case 'cut':
      // The pieces must leave before the reset, or the client would see a connection that never spoke.
      return void response.write('', () => setImmediate(() => response.destroy()));
    case 'stall':
  }
}
