import { type Socket, connect } from 'node:net';
import type { Tenant } from './tenants.js';

/** What one tenant does to the server until the signal. What it is answered is its own business. */
type Attack = (tenant: Tenant, signal: AbortSignal) => Promise<void>;

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const words = (count: number) => times(count, (at) => `w${at.toString(36)}x`).join(' ');

const alternatives = (seed: number) => ({
  type: 'object',
  anyOf: times(800, (at) => ({ properties: { [`p${seed}_${at}`]: { type: 'string' } }, required: [`p${seed}_${at}`] })),
});
const backtracking = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
const HTML = `<pre>x${' '.repeat(60_000)}y${'<td>'.repeat(60_000)}`;

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'requests that wait': (tenant, signal) => held(tenant, signal, 200, 'prefer: wait=60', 'wait'),
  'half-sent posts': halfSent,
  streams: (tenant, signal) => held(tenant, signal, 300, 'accept: text/event-stream', 'events'),
  'large pages': async (tenant, signal) => {
    const metadata = { text: 'x'.repeat(16_000) };
    await Promise.all(times(100, () => call(tenant, 'threads', signal, { metadata })));
    await again(8, signal, () => call(tenant, 'threads?limit=100', signal));
  },
  'uploads of 45 MiB': (tenant, signal) => {
    const file = new Blob([Buffer.alloc(45 * 2 ** 20, 'x')], { type: 'text/plain' });
    return again(4, signal, () => upload(tenant, signal, file));
  },
  'HTML that took long': (tenant, signal) => documents(tenant, signal, 'text/html', (at) => `${HTML}<p>${at}`),
  'schemas of 800 alternatives': (tenant, signal) =>
    again(4, signal, (at) => validate(tenant, signal, alternatives(at))),
  'patterns that backtrack': (tenant, signal) =>
    again(4, signal, (at) => validate(tenant, signal, { ...backtracking, title: `${at}` })),
  'documents of 60 000 words': (tenant, signal) =>
    documents(tenant, signal, 'text/plain', (at) => `${at} ${words(60_000)}`),
  'usage beyond belief': (tenant, signal) =>
    again(4, signal, () => call(tenant, 'runs', signal, { agentId: tenant.agentId, input: 'Hi', metadata: {} })),
  'wrong keys': (tenant, signal) =>
    again(8, signal, (at) => call({ ...tenant, key: `gh_dev_wrong${at}` }, 'agents', signal)),
};

/** So many at once, each again when it was answered. */
async function again(atOnce: number, signal: AbortSignal, send: (at: number) => Promise<unknown>): Promise<void> {
  let sent = 0;
  const one = async () => {
    while (!signal.aborted) await send(sent++);
  };
  await Promise.all(times(atOnce, one));
}

const ended = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

async function call({ url, key }: Tenant, path: string, signal: AbortSignal, body?: object): Promise<void> {
  const isForm = body instanceof FormData;
  const headers = { authorization: `Bearer ${key}`, ...(isForm ? {} : { 'content-type': 'application/json' }) };
  const init = body === undefined ? {} : { method: 'POST', body: isForm ? body : JSON.stringify(body) };
  // Refusals, cut connections and the end of the attack are all the same to it.
  await fetch(`${url}/api/v1/${path}`, { headers, signal, ...init }).then(
    (response) => response.arrayBuffer().catch(() => undefined),
    () => undefined,
  );
}

const validate = (tenant: Tenant, signal: AbortSignal, outputSchema: object) =>
  call(tenant, 'agents/validate', signal, { name: 'a', outputSchema });

const documents = (tenant: Tenant, signal: AbortSignal, mediaType: string, text: (at: number) => string) =>
  again(2, signal, (at) =>
    call(tenant, `collections/${tenant.collectionId}/documents`, signal, { title: `${at}`, mediaType, text: text(at) }),
  );

function upload(tenant: Tenant, signal: AbortSignal, file: Blob): Promise<void> {
  const form = new FormData();
  form.set('file', file, 'a.txt');
  return call(tenant, `collections/${tenant.collectionId}/documents`, signal, form);
}

/** Connections that ask for the end, or the events, of a run that waits in its queue, and stay. */
async function held(tenant: Tenant, signal: AbortSignal, count: number, header: string, what: string): Promise<void> {
  const { url, key, agentId } = tenant;
  const init = { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } };
  const started = await fetch(`${url}/api/v1/runs`, { ...init, body: JSON.stringify({ agentId, input: 'hi' }) });
  const { data } = (await started.json()) as { readonly data: { readonly id: string } };
  await again(1, signal, async () => {
    const sockets = times(count, () =>
      open(tenant, `GET /api/v1/runs/${data.id}/${what} HTTP/1.1\r\n${head(key, header)}\r\n`),
    );
    await Promise.race([ended(signal), ...sockets.map((socket) => new Promise((done) => socket.once('close', done)))]);
    for (const socket of sockets) socket.destroy();
  });
}

async function halfSent(tenant: Tenant, signal: AbortSignal): Promise<void> {
  const headers = head(tenant.key, 'content-type: application/json\r\ncontent-length: 1000');
  const sockets = times(110, () => open(tenant, `POST /api/v1/runs HTTP/1.1\r\n${headers}\r\n{`));
  await ended(signal);
  for (const socket of sockets) socket.destroy();
}

const head = (key: string, header: string) => `host: localhost\r\nauthorization: Bearer ${key}\r\n${header}\r\n`;

function open({ url }: Tenant, text: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
  return socket.resume().on('error', () => socket.destroy());
}
