import { channel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { Agent, request } from 'undici';
import { Standstill } from './standstill.js';

const LIMIT_MS = 10_000;

describe('Standstill', () => {
  let now = 0;
  let stoodStill = 0;
  let standstill: Standstill;
  let unwatch: () => void;

  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    now = 0;
    stoodStill = 0;
    standstill = new Standstill();
    unwatch = standstill.watch(LIMIT_MS, () => stoodStill++);
  });
  afterEach(() => {
    unwatch();
    jest.restoreAllMocks();
  });

  it('tells once of a process that stood still for as long as its limit', () => {
    now += LIMIT_MS;
    standstill.look();
    standstill.look();
    expect(stoodStill).toBe(1);
  });

  it('says nothing while it is looked for often enough, however long that goes on', () => {
    for (let turn = 0; turn < 5; turn++) {
      now += LIMIT_MS - 1;
      standstill.look();
    }
    expect(stoodStill).toBe(0);
  });

  it('looks before a request is sent, ours or a plugin’s by fetch', () => {
    now += LIMIT_MS;
    channel('undici:client:sendHeaders').publish({});
    expect(stoodStill).toBe(1);
  });

  it('is over when it is told so', () => {
    unwatch();
    now += LIMIT_MS;
    channel('undici:client:sendHeaders').publish({});
    standstill.look();
    expect(stoodStill).toBe(0);
  });

  it.each([
    ['undici', (url: string, signal: AbortSignal) => request(url, { signal, dispatcher: new Agent() })],
    ["Node's fetch", (url: string, signal: AbortSignal) => fetch(url, { signal })],
  ])('comes in time for a request by %s to be taken back: nothing of it is sent', async (_what, send) => {
    let received = 0;
    const server = createServer(() => received++);
    server.on('connection', (socket) => socket.on('data', () => received++));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const controller = new AbortController();
    unwatch();
    unwatch = standstill.watch(0, () => controller.abort(new Error('let go')));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(send(url, controller.signal)).rejects.toThrow('let go');
    await new Promise((resolve) => server.close(resolve));
    expect(received).toBe(0);
  });
});
