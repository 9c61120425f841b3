import { FakeModel, type FakeModelRequest, type FakeReply, type WireFormat } from '@guildhall/testing';
import { VENDOR_FAULTS } from '../chaos/vendor-faults.js';

const STREAM = 'text/event-stream';
const STATUSES = [302, 400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 503, 529];

type Echo = (key: string, wire: WireFormat, request: FakeModelRequest) => FakeReply;

/** Every place of an answer into which a vendor can put the key it was sent. */
export const ECHOES: Readonly<Record<string, Echo>> = {
  ...Object.fromEntries(
    STATUSES.map((status) => [
      `a ${status}`,
      (key: string): FakeReply => ({ status, message: `no: ${key}`, retryAfter: key, headers: headersWith(key) }),
    ]),
  ),
  'a code': (key) => ({ status: 400, raw: JSON.stringify({ error: { message: key, code: key, param: key } }) }),
  'a redirect': (key) => ({ status: 307, headers: { location: `http://${key}:${key}@127.0.0.1:1/${key}?k=${key}` } }),
  'the text': (key) => ({ text: `Your key is ${key} indeed` }),
  'the thoughts': (key) => ({ text: 'Hm', reasoning: `The key is ${key}` }),
  'the name of a tool': (key) => ({ toolCalls: [{ name: key, arguments: {} }] }),
  'the arguments of a tool': (key) => ({ toolCalls: [{ name: 'calculator', arguments: { expression: key } }] }),
  'the id of a call': (key) => ({ toolCalls: [{ id: key, name: 'calculator', arguments: { expression: '1' } }] }),
  'the finish reason': (key) => ({ text: 'Hi', finishReason: key }),
  'a header': (key, wire, request) => ({
    ...whole({ text: 'Hi' }, wire, request),
    headers: headersWith(key),
  }),
  'the content type': (key) => ({ raw: '{}', contentType: `text/${key}` }),
  'malformed JSON': (key) => ({ raw: `{"oops ${key}` }),
  'JSON of another kind': (key) => ({ raw: JSON.stringify({ [key]: key, error: key, message: key }) }),
  'a malformed event': (key) => ({ raw: `data: {"oops ${key}\n\n`, contentType: STREAM }),
  'an event of an error': (key) => ({ raw: `event: error\ndata: {"message":"${key}"}\n\n`, contentType: STREAM }),
  'the middle of a stream': (key) => ({ chunks: ['Hello ', key, ' there'] }),
  'an error in the middle': (key) => ({ chunks: ['Hello ', 'you '], end: 'error', message: `bad key ${key}` }),
  'words before a cut': (key) => ({ chunks: ['Hello ', key], end: 'cut' }),
};

const headersWith = (key: string) => ({ 'x-echo': key, 'www-authenticate': `Bearer ${key}`, 'x-request-id': key });

function whole(reply: { readonly text: string }, wire: WireFormat, request: FakeModelRequest) {
  const { text } = reply;
  const said = { text, reasoning: '', toolCalls: [], finishReason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } };
  return { raw: JSON.stringify(wire.complete(request, said)) };
}

/** What a question asks a vendor to do: `[a 401]`. */
export const wish = (name: string): string => `[${name}]`;

/** A vendor that gives the key back wherever a question wishes for it, or fails as it wishes. */
export async function startEchoingVendor(wire: WireFormat): Promise<FakeModel> {
  const server = await FakeModel.start(wire);
  server.lists((request) => ({ raw: modelsWith(keyIn(request)) }));
  return server.otherwise((request) => {
    const key = keyIn(request);
    const asked = JSON.stringify(request.body);
    const echo = Object.entries(ECHOES).find(([name]) => asked.includes(wish(name)));
    if (echo) return echo[1](key, wire, request);
    const fault = VENDOR_FAULTS.find(({ name }) => asked.includes(wish(name)));
    return fault?.reply?.(wire, request) ?? { status: 401, message: `Wrong key ${key}`, headers: headersWith(key) };
  });
}

function keyIn({ headers }: FakeModelRequest): string {
  const found = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization ?? 'none';
  return String(found).replace(/^Bearer /, '');
}

const modelsWith = (key: string) => JSON.stringify({ object: 'list', owner: key, data: [{ id: key, owned_by: key }] });
