import { Standing, UNASKED, type Verdict } from '../registry/standing.js';
import { type Behaviour, down, house, says } from './spec-fixture/house.js';

const FAILED: Verdict = { kind: 'failed', reason: 'It cannot be reached' };
const UNDECIDED: Verdict = { kind: 'undecided', reason: 'Only a call can tell' };

/** A house in which something else is known of some providers than that they answer. */
function houseWith(verdicts: Record<string, Verdict>, ...rest: Parameters<typeof house>) {
  const built = house(...rest);
  built.all.forEach((provider, index) => {
    const verdict = verdicts[provider.config.id];
    if (verdict) built.all[index] = { ...provider, standing: new Standing(verdict) };
  });
  return built;
}

const DEAR = { models: [{ name: 'm', inputPricePerMTok: 9_000_000, outputPricePerMTok: 9_000_000 }] };

describe('a provider that never answered', () => {
  it('is asked last, however well it ranks', async () => {
    const { ask, called, routes, ctx } = houseWith(
      { cheap: FAILED },
      { cheap: down(), dear: says('ok') },
      { dear: DEAR },
    );
    for (let i = 0; i < 3; i++) await expect(ask()).resolves.toMatchObject({ provider: 'dear' });
    expect(called).toEqual(['dear', 'dear', 'dear']);
    expect((await routes.ranked(ctx)).map(({ provider }) => provider)).toEqual(['dear', 'cheap']);
  });

  it('stands by for those that fail, and is one of them once it answered', async () => {
    let isDown = true;
    const dear: Behaviour = (call) => (isDown ? down() : says('dear'))(call);
    const { ask } = houseWith({ cheap: FAILED }, { cheap: says('cheap'), dear }, { dear: DEAR });
    await expect(ask()).resolves.toMatchObject({ provider: 'cheap' });
    isDown = false;
    await expect(ask()).resolves.toMatchObject({ provider: 'cheap' });
  });

  it('does not take the tries of one that did', async () => {
    let tries = 0;
    const known: Behaviour = (call) => (++tries === 1 ? down() : says('ok'))(call);
    const { ask, called } = houseWith({ dead: FAILED }, { dead: down(), known });
    await expect(ask()).resolves.toMatchObject({ provider: 'known' });
    expect(called).toEqual(['known', 'dead', 'known']);
  });

  it('takes no answer away from who had the built-in one alone so far', async () => {
    const stored = houseWith({ dead: FAILED }, { dead: down() });
    await expect(stored.ask()).resolves.toMatchObject({ provider: 'builtin' });
    expect(stored.called).toEqual(expect.arrayContaining(['dead', 'builtin']));
    await expect(stored.ask({ provider: 'dead', name: 'dead-model' })).rejects.toThrow();
    const known = houseWith({ dead: FAILED }, { dead: down(), known: down() });
    await expect(known.ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
  });

  it('is the operator’s to mend where the environment configures it: nothing answers instead', async () => {
    const { all, ask } = houseWith({ dead: FAILED }, { dead: down() });
    all[1] = { ...all[1]!, source: 'environment' };
    await expect(ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
  });

  it('is asked like any other where none did', async () => {
    const { ask } = houseWith({ a: UNASKED, b: FAILED }, { a: says('a'), b: says('b') });
    await expect(ask()).resolves.toMatchObject({ provider: 'a' });
  });

  it('gets one call at a time where only a call can tell, with the others behind it', async () => {
    const answer = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const unknown: Behaviour = async (call) => {
      began.resolve();
      await answer.promise;
      return down()(call);
    };
    const { ask, called } = houseWith({ unknown: UNDECIDED }, { unknown, dear: says('ok') }, { dear: DEAR });
    const first = ask();
    await began.promise;
    await expect(ask()).resolves.toMatchObject({ provider: 'dear' });
    answer.resolve();
    await expect(first).resolves.toMatchObject({ provider: 'dear' });
    await expect(ask()).resolves.toMatchObject({ provider: 'dear' });
    expect(called.filter((id) => id === 'unknown')).toHaveLength(1);
  });
});
