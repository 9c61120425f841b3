import { AppError } from '@guildhall/sdk';
import { type Behaviour, down, house, says } from './spec-fixture/house.js';

describe('two equal providers', () => {
  it('share a hundred calls evenly, one after the other and all at once', async () => {
    const { ask, called } = house({ a: says('a'), b: says('b') });
    for (let i = 0; i < 100; i++) await ask();
    expect(called.filter((id) => id === 'a')).toHaveLength(50);
    await Promise.all(Array.from({ length: 100 }, () => ask()));
    expect(called.filter((id) => id === 'a')).toHaveLength(100);
  });

  it('share on although their speed differs a little, and the first call to one was slow', async () => {
    let calls = 0;
    const takes =
      (ms: number, text: string): Behaviour =>
      async (call, onDelta) => {
        all.clock.at += calls++ === 0 ? 800 : ms;
        return says(text)(call, onDelta);
      };
    const all = house({ a: takes(40, 'a'), b: takes(5, 'b') });
    for (let i = 0; i < 100; i++) await all.ask();
    expect(all.called.filter((id) => id === 'a').length).toBeGreaterThan(45);
  });

  it('are both there for the other: each call that one fails is answered by the other', async () => {
    let calls = 0;
    const flaky: Behaviour = (call, onDelta) => (++calls % 10 === 0 ? down()(call) : says('a')(call, onDelta));
    const { ask } = house({ a: flaky, b: says('b') });
    for (let i = 0; i < 100; i++) await expect(ask()).resolves.toMatchObject({ finishReason: 'stop' });
  });

  it('are shown in one order all the same: priority, then id', async () => {
    const { ask, routes, ctx } = house({ b: says('b'), a: says('a'), c: says('c') }, { c: { priority: 2 } });
    for (let i = 0; i < 5; i++) {
      await ask();
      expect((await routes.ranked(ctx)).map(({ provider }) => provider)).toEqual(['a', 'b', 'c']);
    }
  });
});

describe('a provider that asks to be left alone', () => {
  const tooMany: Behaviour = async () => {
    throw new AppError('rate_limit', 'rate_limited', 'Too many', { retryable: true, retryAfterMs: 5000 });
  };

  it('is left alone by all calls while another can serve, without a word of failing over', async () => {
    const { ask, called, signals, clock } = house({ a: tooMany, b: says('b') });
    for (let i = 0; i < 4; i++) await expect(ask()).resolves.toMatchObject({ provider: 'b' });
    expect(called).toEqual(['a', 'b', 'b', 'b', 'b']);
    expect(signals.filter(({ type }) => type === 'failed-over')).toHaveLength(1);
    clock.at += 5000;
    await ask({ provider: 'a', name: 'm', fallback: true });
    expect(called.slice(5)).toEqual(['a', 'b']);
  });

  it('is waited for where there is no other', async () => {
    let calls = 0;
    const once: Behaviour = (call, onDelta) => (calls++ === 0 ? tooMany(call) : says('at last')(call, onDelta));
    const { ask, clock } = house({ a: once });
    await expect(ask()).resolves.toMatchObject({ text: 'at last' });
    expect(clock.at).toBe(5000);
  });
});
