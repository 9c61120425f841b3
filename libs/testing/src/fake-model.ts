import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeReply } from './fake-model-reply.js';
import type { FakeModelFile, FakeModelRequest, FakeScript } from './fake-model-script.js';
import { OPENAI_WIRE } from './wires/openai.wire.js';
import type { WireFormat } from './wires/wire-format.js';

/**
 * A scripted model server on a free port, OpenAI-compatible unless another format is asked for. Each request takes the
 * next scripted reply; when none is left, the one of `otherwise`, or a 500 that says so.
 *
 * @example
 * const model = await FakeModel.start();
 * model.script({ toolCalls: [{ name: 'calculator', arguments: { expression: '2+2' } }] }, { text: 'It is 4.' });
 * // POST /providers { id: 'fake', kind: 'openai-compatible', baseUrl: model.baseUrl, models: [{ name: 'm' }] }
 * await model.stop();
 */
export class FakeModel {
  readonly requests: FakeModelRequest[] = [];
  /** Those for its list of models, which take nothing from the script: the service asks for it by itself. */
  readonly listings: FakeModelRequest[] = [];
  /** How many were ever opened. */
  connections = 0;
  private readonly scripts: FakeScript[] = [];
  private fallback: FakeScript = { status: 500, message: 'The fake model has no scripted reply left' };
  private listing: FakeScript | undefined;
  private readonly waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  private constructor(
    private readonly server: Server,
    private readonly wire: WireFormat,
  ) {
    server.on('connection', () => this.connections++);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // A client that gives up in the middle is what many tests are about.
      response.on('error', () => undefined);
      void this.answer(request, response);
    });
  }

  static async start(wire: WireFormat = OPENAI_WIRE): Promise<FakeModel> {
    const server = createServer({ keepAlive: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeModel(server, wire);
  }

  /** Ends as the vendor's does: in `/v1`, OpenAI-compatible. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.wire.basePath}`;
  }

  /** Appends replies, taken one a request in this order. */
  script(...replies: FakeScript[]): this {
    this.scripts.push(...replies);
    return this;
  }

  /** The reply of every request beyond the script. */
  otherwise(reply: FakeScript): this {
    this.fallback = reply;
    return this;
  }

  /** The reply to those who ask for its list of models, instead of one that names the model `scripted`. */
  lists(reply: FakeScript): this {
    this.listing = reply;
    return this;
  }

  /** Forgets requests and scripts. */
  reset(): void {
    this.requests.length = 0;
    this.listings.length = 0;
    this.scripts.length = 0;
    this.listing = undefined;
    this.fallback = { status: 500, message: 'The fake model has no scripted reply left' };
  }

  /** Resolves when `count` requests have come in all. */
  async received(count: number): Promise<void> {
    if (this.requests.length >= count) return;
    await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = (await bodyOf(incoming, Buffer.concat(parts))) as FakeModelRequest['body'];
    const request = { path: incoming.url ?? '', headers: incoming.headers, body };
    if (incoming.method === 'GET') return this.list(request, response);
    this.requests.push(request);
    for (const waiter of this.waiting) if (this.requests.length >= waiter.count) waiter.resolve();
    await this.write(response, request, this.scripts.shift() ?? this.fallback);
  }

  private async list(request: FakeModelRequest, response: ServerResponse): Promise<void> {
    this.listings.push(request);
    await this.write(response, request, this.listing ?? { raw: JSON.stringify(this.wire.models(['scripted'])) });
  }

  private async write(response: ServerResponse, request: FakeModelRequest, script: FakeScript): Promise<void> {
    await writeReply(response, request, typeof script === 'function' ? script(request) : script, this.wire);
  }
}

async function bodyOf({ headers }: IncomingMessage, bytes: Buffer): Promise<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/')) return JSON.parse(bytes.toString()) as Record<string, unknown>;
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const entries = [...form].map(async ([name, value]) => [name, await fieldOf(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function fieldOf(value: string | File): Promise<string | FakeModelFile> {
  if (typeof value === 'string') return value;
  return { name: value.name, type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) };
}
