import { readFile } from 'node:fs/promises';
import type { ServerProcess } from '@guildhall/testing';

/** What a server must be started with (in `NODE_OPTIONS`) for its memory to be read: an inspector on a port of its choice. */
export const INSPECTED = '--inspect=127.0.0.1:0';
const LIMIT_MS = 30_000;

/**
 * The MB of heap and buffers that a server still holds after a full collection. What the system counts (RSS) says more of
 * the allocator and of when the collector last ran: it moved by 130 MB with nothing kept.
 */
export async function liveMemoryOf(server: ServerProcess): Promise<number> {
  const address = /Debugger listening on (ws:\S+)/.exec(server.output())?.[1];
  if (address === undefined) throw new Error(`The server was started without ${INSPECTED}:\n${server.output()}`);
  const ask = await connect(address);
  try {
    // What finalizers of the first release, the second collects.
    for (let round = 0; round < 2; round++) await ask('HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
    const answer = (await ask('Runtime.evaluate', { expression })) as { result: { value: number } };
    return Math.round(answer.result.value / 2 ** 20);
  } finally {
    ask.close();
  }
}

/** The most MB that a server ever held, as the system counts them. */
export async function peakMemoryOf({ pid }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

interface Inspector {
  (method: string, params?: object): Promise<unknown>;
  close(): void;
}

/** Speaks the DevTools protocol: numbered commands over a WebSocket, each answered under its number. */
async function connect(address: string): Promise<Inspector> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const socket = new WebSocket(address);
  const failed = new Promise<never>((_, reject) => {
    socket.addEventListener('error', () => reject(new Error(`The inspector at ${address} broke off`)), { signal });
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  failed.catch(() => undefined);
  await Promise.race([failed, new Promise((resolve) => socket.addEventListener('open', resolve, { signal }))]);
  let id = 0;
  const ask = (method: string, params: object = {}) => {
    const mine = ++id;
    const answered = new Promise((resolve) => {
      socket.addEventListener(
        'message',
        ({ data }) => {
          const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
          if (message.id === mine) resolve(message.result);
        },
        { signal },
      );
    });
    socket.send(JSON.stringify({ id: mine, method, params }));
    return Promise.race([failed, answered]);
  };
  return Object.assign(ask, { close: () => socket.close() });
}
