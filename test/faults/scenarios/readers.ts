import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../../../libs/testing/src/server-process.js';
import { KEY } from '../client.js';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { frames } from '../sse.js';
import { inParallel, until } from '../until.js';

/** Of one size, so that connections to the database come and go with nobody. */
const POOL = { DATABASE_POOL_MIN: '5', DATABASE_POOL_SIZE: '5', DATABASE_POOL_OVERFLOW: '0' };
/** Lets the harness ask a server to collect its garbage: a stream that ended may lie about, but must not be held. */
const COLLECTABLE = { NODE_OPTIONS: `--expose-gc --import=data:text/javascript,process.on('SIGUSR2',()=>gc())` };
/** More than the system's buffers take by themselves. */
const WORDS = 800_000;
const GROWTH_MB = 10;
const DROPPED_WITHIN_MS = 60_000;

/** F29, F30: thousands of readers come and go, and one reads nothing at all. */
export const readers: Scenario = {
  name: 'readers',
  promise: 'Readers that leave leave nothing behind; one that does not read is dropped and can come back (F29, F30)',
  bar: 'handles back to where they were (± 10), memory held + ≤ 10 MB; slow reader dropped ≤ 60 s, nothing missing after',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { workers: 1, env: { ...POOL, ...COLLECTABLE } });
    const plan = (run: string) => ({ run, tools: ['read'] as const, holdMs: 2_000, answerWords: WORDS });
    const load = new Load(house, { agentId: await house.agent(), plan });
    const slow = await load.one();
    const waiting = await load.one({ run: 'open', tools: ['read'], holdMs: stage.size(20_000, 110_000) });
    const api = house.apis[0]!;
    // What the first readers bring stays for all: compiled code, connections to the database.
    await openAndClose(api, waiting!.id, stage.size(100, 500));
    await sleep(1_000);
    const before = await resources(api);
    const count = stage.size(300, 5_000);
    await openAndClose(api, waiting!.id, count);
    const settledAt = async () => (await handlesOf(api)) <= before.handles + 10;
    const breaches: string[] = [];
    await until('handles are back', settledAt, 15_000).catch(() => breaches.push('handles are not given back'));
    const after = await resources(api);
    const growth = after.mb - before.mb;
    if (growth > GROWTH_MB) breaches.push(`memory held grew by ${growth.toFixed(1)} MB`);
    // Takes most of a minute, which CI does not have.
    const dropped = stage.full ? await slowReader(api, slow!.id, breaches) : 'only with --full';
    const checked = await checkInvariants(house, load.accepted, 130_000);
    return {
      figure: `${count} streams opened and closed: handles ${before.handles} → ${after.handles}, memory held ${growth < 0 ? '−' : '+'} ${Math.abs(growth).toFixed(1)} MB; slow reader ${dropped}`,
      breaches: [...breaches, ...checked.breaches, ...load.refused],
    };
  },
};

/** Each on a connection of its own, which the client breaks after the first event. */
async function openAndClose(api: ServerProcess, id: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${KEY}`, accept: 'text/event-stream' };
  await inParallel(Array.from({ length: count }), 20, async () => {
    const request = get(`${api.url}/api/v1/runs/${id}/events`, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.on('error', () => undefined);
    request.on('error', () => undefined).destroy();
  });
}

const handlesOf = async ({ pid }: ServerProcess): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length;

async function resources(api: ServerProcess): Promise<{ handles: number; mb: number }> {
  api.signal('SIGUSR2');
  await sleep(1_000);
  const text = await (await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
  const bytes = (name: string) => Number(new RegExp(`^nodejs_${name}_bytes (\\S+)$`, 'm').exec(text)?.[1]);
  const mb = (bytes('heap_size_used') + bytes('external_memory')) / 1024 / 1024;
  if (Number.isNaN(mb)) throw new Error(`The server does not say how much memory it holds: ${text.slice(0, 500)}`);
  return { handles: await handlesOf(api), mb };
}

/** Asks for a long stream and takes nothing of it but what the system's buffers take by themselves. */
async function slowReader(api: ServerProcess, id: string, breaches: string[]): Promise<string> {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let closedAfter: number | undefined;
  const from = performance.now();
  socket.on('error', () => undefined).on('close', () => (closedAfter = performance.now() - from));
  socket.pause();
  socket.write(
    `GET /api/v1/runs/${id}/events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${KEY}\r\nAccept: text/event-stream\r\n\r\n`,
  );
  await sleep(DROPPED_WITHIN_MS - 20_000);
  // What lies in the system's buffers may be read; then comes the end, and not the end of the run.
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString())).resume();
  await until('the slow reader is dropped', () => closedAfter !== undefined, 20_000).catch(() =>
    breaches.push('the slow reader was not dropped'),
  );
  socket.destroy();
  const whole = text.includes('event: run.succeeded');
  if (whole) return 'had all of it in its buffers';
  const last = Number([...text.matchAll(/^id: (\d+)$/gm)].at(-2)?.[1] ?? 0);
  let expected = last;
  for await (const frame of frames(`${api.url}/api/v1/runs/${id}/events`, last, AbortSignal.timeout(20_000))) {
    if (frame.id !== ++expected) breaches.push(`the slow reader came back with ${last} and got ${frame.id}`);
  }
  return `dropped, came back with id ${last} of ${expected}`;
}
