import { AppError, type ModelClient, type ProviderConfig, UpstreamError } from '@guildhall/sdk';
import { PROVEN, Standing } from '../registry/standing.js';
import { Endpoint } from './endpoint.js';
import { ProviderConnection } from './provider-connection.js';

const REFUSED = new UpstreamError('provider_unavailable', 'It does not accept the key', { retryable: false });
const DOWN = new UpstreamError('provider_unavailable', 'It is down');
const tooMany = (retryAfterMs?: number) =>
  new AppError('rate_limit', 'rate_limited', 'Too many', {
    retryable: true,
    ...(retryAfterMs ? { retryAfterMs } : {}),
  });

type Answer = () => Promise<string>;
const says =
  (text: string): Answer =>
  () =>
    Promise.resolve(text);
const fails =
  (error: Error): Answer =>
  () =>
    Promise.reject(error);

/** A provider with these endpoints; one whose name begins with another letter is at another address. */
function provider(answers: Readonly<Record<string, Answer>>) {
  const clock = {
    at: 0,
    slept: [] as number[],
    now: () => clock.at,
    random: () => 0,
    sleep: async (ms: number) => void (clock.slept.push(ms), (clock.at += ms)),
  };
  const called: string[] = [];
  const config = { id: 'p', kind: 'fake', models: [{ name: 'm' }] } satisfies ProviderConfig;
  const clients = new Map<ModelClient, Answer>();
  const endpoints = Object.entries(answers).map(([name, answer]) => {
    const client = { generate: () => Promise.reject(new Error('not asked here')) };
    clients.set(client, () => {
      called.push(name);
      return answer();
    });
    const own = { ...config, baseUrl: `https://${name[0]}.example.org`, apiKey: name };
    return new Endpoint(own, client, clock, {
      failures: 5,
      openMs: 60_000,
      onChange: () => undefined,
      onCall: () => undefined,
    });
  });
  const connection = new ProviderConnection(config, endpoints, clock, new Standing(PROVEN));
  const controller = new AbortController();
  let isFinal = false;
  const ask = (patienceMs = 0) =>
    connection.call({ signal: controller.signal, patienceMs, isFinal: () => isFinal }, (client) =>
      clients.get(client)!(),
    );
  return { ask, called, clock, connection, controller, speak: () => (isFinal = true) };
}

describe('a provider with several keys', () => {
  it('takes them by turns', async () => {
    const { ask, called } = provider({ a1: says('x'), a2: says('x'), a3: says('x') });
    for (let i = 0; i < 6; i++) await ask();
    expect(called).toEqual(['a1', 'a2', 'a3', 'a1', 'a2', 'a3']);
  });

  it('spreads calls at the same time over those that do least', async () => {
    const gate = Promise.withResolvers<string>();
    const { ask, called } = provider({ a1: () => gate.promise, a2: () => gate.promise });
    const calls = Array.from({ length: 10 }, () => ask());
    gate.resolve('x');
    await Promise.all(calls);
    expect(called.filter((name) => name === 'a1')).toHaveLength(5);
  });

  it.each([
    ['a key that is not accepted', REFUSED],
    ['a key with too many requests', tooMany()],
  ])('goes on to the next for %s', async (_, error) => {
    const { ask, called } = provider({ a1: fails(error), a2: fails(error), a3: says('the third') });
    await expect(ask()).resolves.toBe('the third');
    expect(called).toEqual(['a1', 'a2', 'a3']);
  });

  it('fails with the last reason when none is left', async () => {
    const { ask, called } = provider({ a1: fails(REFUSED), a2: fails(tooMany(900)) });
    await expect(ask()).rejects.toMatchObject({ code: 'rate_limited' });
    expect(called).toEqual(['a1', 'a2']);
  });

  it('does not ask the same address again when that is what failed, but another one', async () => {
    const same = provider({ a1: fails(DOWN), a2: says('x') });
    await expect(same.ask()).rejects.toBe(DOWN);
    const other = provider({ a1: fails(DOWN), a2: fails(DOWN), b1: says('from b') });
    await expect(other.ask()).resolves.toBe('from b');
    expect(other.called).toEqual(['a1', 'b1']);
  });

  it('begins no second answer after a first was handed on', async () => {
    const { ask, called, speak } = provider({ a1: fails(tooMany()), a2: says('x') });
    speak();
    await expect(ask()).rejects.toMatchObject({ code: 'rate_limited' });
    expect(called).toEqual(['a1']);
  });

  it('asks nobody else for a caller who has left', async () => {
    const { ask, called, controller } = provider({
      a1: () => {
        controller.abort(new Error('gone'));
        return Promise.reject(REFUSED);
      },
      a2: says('x'),
    });
    await expect(ask()).rejects.toBe(REFUSED);
    expect(called).toEqual(['a1']);
  });

  it('leaves a key alone for as long as it asked for, while the others serve', async () => {
    let answers = 0;
    const busyOnce: Answer = () => (answers++ === 0 ? Promise.reject(tooMany(30_000)) : Promise.resolve('a1'));
    const { ask, called, clock } = provider({ a1: busyOnce, a2: says('a2') });
    for (let i = 0; i < 4; i++) await expect(ask()).resolves.toBe('a2');
    expect(called).toEqual(['a1', 'a2', 'a2', 'a2', 'a2']);
    clock.at += 30_000;
    await expect(ask()).resolves.toBe('a1');
  });

  it('is open only when the breakers of all its keys are', async () => {
    const { ask, connection, called } = provider({ a1: fails(REFUSED), a2: says('x') });
    for (let i = 0; i < 12; i++) await ask();
    expect(called.filter((name) => name === 'a1')).toHaveLength(5);
    expect(connection.endpoints.map(({ breaker }) => breaker.state)).toEqual(['open', 'closed']);
    expect([connection.state, connection.isReady]).toEqual(['closed', true]);
  });

  it('tries a key whose pause is over only when no other can serve', async () => {
    const { ask, called, clock } = provider({ a1: fails(REFUSED), a2: says('x') });
    for (let i = 0; i < 12; i++) await ask();
    clock.at += 60_000;
    await ask();
    expect(called.filter((name) => name === 'a1')).toHaveLength(5);
  });
});

describe('a provider that says "too many requests"', () => {
  it('is not called while it wants to be left alone, and tells how long that is', async () => {
    const { ask, called, connection, clock } = provider({ a1: fails(tooMany(5000)) });
    await expect(ask()).rejects.toMatchObject({ code: 'rate_limited' });
    expect(connection.isReady).toBe(false);
    clock.at += 1000;
    await expect(ask()).rejects.toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 4000 });
    expect(called).toEqual(['a1']);
  });

  it('is waited for by a caller with patience', async () => {
    let answers = 0;
    const { ask, clock } = provider({
      a1: () => (answers++ === 0 ? Promise.reject(tooMany(5000)) : Promise.resolve('there you are')),
    });
    await ask().catch(() => undefined);
    await expect(ask(10_000)).resolves.toBe('there you are');
    expect(clock.slept).toEqual([5000]);
  });

  it('gets fewer calls at a time, and its breaker stays closed', async () => {
    let gate = Promise.withResolvers<string>();
    const { ask, connection, called } = provider({ a1: () => gate.promise });
    const askAll = () => Promise.all(Array.from({ length: 8 }, () => ask().catch((error: AppError) => error.code)));
    const first = askAll();
    gate.reject(tooMany());
    expect(new Set(await first)).toEqual(new Set(['rate_limited']));
    expect(connection.state).toBe('closed');

    gate = Promise.withResolvers();
    const second = askAll();
    gate.resolve('answered');
    expect((await second).filter((said) => said === 'answered')).toHaveLength(4);
    expect(called).toHaveLength(8 + 4);
  });

  it('lets those with patience wait for room', async () => {
    let running = 0;
    let most = 0;
    const { ask } = provider({
      a1: async () => {
        most = Math.max(most, ++running);
        const isTooMany = running > 2;
        for (let i = 0; i < 20; i++) await Promise.resolve();
        running--;
        if (isTooMany) throw tooMany();
        return 'answered';
      },
    });
    await Promise.all(Array.from({ length: 4 }, () => ask().catch(() => undefined)));
    most = 0;
    await expect(Promise.all(Array.from({ length: 4 }, () => ask(10_000)))).resolves.toHaveLength(4);
    expect(most).toBe(2);
  });

  it('has failed when even one call alone is too many', async () => {
    const { ask, connection, called } = provider({ a1: fails(tooMany()) });
    for (let i = 0; i < 7; i++) await ask().catch(() => undefined);
    expect(connection.state).toBe('open');
    expect(called).toHaveLength(5);
  });
});
