import { Logger } from '@nestjs/common';
import { createClient } from 'redis';
import { RedisServer } from '@guildhall/testing';
import { RedisFanOut } from '../../libs/core/src/events/redis-fan-out.js';

/** One process's end of it, and what it has heard. */
class Peer {
  readonly heard: string[] = [];
  gaps = 0;
  private readonly fanOut: RedisFanOut;

  constructor(url: string) {
    this.fanOut = new RedisFanOut(url);
    for (const channel of ['events', 'runs'] as const) {
      const fails = () => {
        throw new Error('one that fails, before those that listen');
      };
      this.fanOut.subscribe(channel, { onMessage: fails, onGap: fails });
      const onMessage = (message: string) => void this.heard.push(`${channel}: ${message}`);
      this.fanOut.subscribe(channel, { onMessage, onGap: () => this.gaps++ });
    }
    this.fanOut.start();
  }

  get up(): boolean {
    return this.fanOut.up;
  }
  publish(channel: 'events' | 'runs', message: string): void {
    this.fanOut.publish(channel, message);
  }
  close(): Promise<void> {
    return this.fanOut.close();
  }
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come to pass within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let rejections: unknown[] = [];
const noteRejection = (reason: unknown) => void rejections.push(reason);

(RedisServer.isInstalled() ? describe : describe.skip)('fan-out by Redis', () => {
  let redis: RedisServer;
  let peers: Peer[] = [];

  beforeAll(async () => {
    process.on('unhandledRejection', noteRejection);
    Logger.overrideLogger(false);
    redis = await RedisServer.start();
  });
  beforeEach(() => (rejections = []));
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
    if (rejections.length > 0) throw new AggregateError(rejections, 'Rejections that nobody handled');
  });
  afterAll(async () => {
    process.off('unhandledRejection', noteRejection);
    await redis.dispose();
  });

  async function two(): Promise<[Peer, Peer]> {
    const pair: [Peer, Peer] = [new Peer(redis.url), new Peer(redis.url)];
    peers = pair.slice();
    await until(() => pair.every(({ up }) => up));
    return pair;
  }
  const command = async (...words: string[]): Promise<unknown> => {
    const client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
    const reply = await client.sendCommand(words);
    client.destroy();
    return reply;
  };

  it('tells every other process in order, and not oneself', async () => {
    const [one, other] = await two();
    for (let n = 0; n < 50; n++) one.publish('events', `event ${n}`);
    await until(() => other.heard.length >= 50);
    expect(other.heard).toEqual(Array.from({ length: 50 }, (_, n) => `events: event ${n}`));
    expect(one.heard).toEqual([]);
  });

  it('says the same of a run once, however often it was said', async () => {
    const [one, other] = await two();
    for (let n = 0; n < 100; n++) one.publish('runs', `run_${n % 2}`);
    await until(() => other.heard.length >= 2);
    one.publish('runs', 'run_last');
    await until(() => other.heard.includes('runs: run_last'));
    expect(other.heard).toEqual(['runs: run_0', 'runs: run_1', 'runs: run_last']);
  });

  it('keeps no more than it needs', async () => {
    const [one, other] = await two();
    for (let n = 0; n < 40; n++) {
      for (let i = 0; i < 500; i++) one.publish('events', `${n}.${i}`);
      await until(() => other.heard.at(-1) === `events: ${n}.499`);
    }
    expect(await command('XLEN', 'guildhall:events')).toBeLessThan(11_000);
  });

  it('reads on where it was when the connections were cut', async () => {
    const [one, other] = await two();
    one.publish('events', 'before');
    await until(() => other.heard.length === 1);
    const { gaps } = one;
    await command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(() => one.gaps > gaps);
    one.publish('events', 'after');
    await until(() => other.heard.includes('events: after'));
    expect(other.heard).toEqual(['events: before', 'events: after']);
  });

  it('goes on after everything was flushed', async () => {
    const [one, other] = await two();
    one.publish('events', 'before');
    await until(() => other.heard.length === 1);
    await command('FLUSHALL');
    one.publish('events', 'after');
    await until(() => other.heard.includes('events: after'));
  });

  it('knows within seconds that Redis hangs, costs its users nothing, and is used again when it answers', async () => {
    const [one, other] = await two();
    const { gaps } = other;
    redis.signal('SIGSTOP');
    const began = performance.now();
    for (let n = 0; n < 20_000; n++) one.publish('runs', `run_${n}`);
    expect(performance.now() - began).toBeLessThan(2000);
    await until(() => !one.up, 5_000);
    await until(() => !other.up, 5_000);
    redis.signal('SIGCONT');
    await until(() => one.up && other.up);
    expect(other.gaps).toBeGreaterThan(gaps);
    one.publish('events', 'again');
    await until(() => other.heard.includes('events: again'));
  });

  it('starts without Redis, and uses it from when it is there', async () => {
    await redis.stop();
    peers = [new Peer(redis.url), new Peer(redis.url)];
    const [one, other] = peers as [Peer, Peer];
    one.publish('events', 'nobody hears this');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(one.up).toBe(false);
    await redis.start();
    await until(() => peers.every(({ up }) => up));
    one.publish('events', 'hello');
    await until(() => other.heard.length > 0);
    expect(other.heard).toEqual(['events: hello']);
  });

  it('outlives a restart of Redis that forgets everything', async () => {
    const [one, other] = await two();
    await redis.stop();
    await until(() => !one.up && !other.up);
    await redis.start();
    await until(() => one.up && other.up);
    one.publish('events', 'back');
    await until(() => other.heard.includes('events: back'));
  });
});
