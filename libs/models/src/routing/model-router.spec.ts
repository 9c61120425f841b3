import { type AppError, type ModelSignal, TimeoutError, UpstreamError, ValidationError } from '@guildhall/sdk';
import { type Behaviour, down, house, says } from './spec-fixture/house.js';

const texts = (signals: readonly ModelSignal[]) =>
  signals.reduce(
    (text, signal) => (signal.type === 'restart' ? '' : signal.type === 'delta' ? text + signal.text : text),
    '',
  );

describe('the model router', () => {
  it('asks the best provider, says whom, and counts the cost', async () => {
    const priced = { models: [{ name: 'm', inputPricePerMTok: 590_000, outputPricePerMTok: 790_000 }] };
    const { ask, signals } = house({ a: says('Hello') }, { a: priced });
    await expect(ask()).resolves.toMatchObject({
      text: 'Hello',
      provider: 'a',
      model: 'm',
      usage: { inputTokens: 1000, outputTokens: 500, cachedTokens: 0, costMicroUsd: 985 },
    });
    expect(signals).toEqual([
      { type: 'selected', provider: 'a', model: 'm' },
      { type: 'delta', text: 'Hello' },
    ]);
  });

  it('prefers the cheaper, and what the agent prefers', async () => {
    const dear = { models: [{ name: 'm', inputPricePerMTok: 400_000, outputPricePerMTok: 400_000 }] };
    const { ask } = house({ dear: says('d'), cheap: says('c') }, { dear });
    await expect(ask()).resolves.toMatchObject({ provider: 'cheap' });
    await expect(ask({ preferences: { dear: 1, cheap: 0 } })).resolves.toMatchObject({ provider: 'dear' });
  });

  it('hands on what the reference says of the model', async () => {
    const { ask, seen } = house({ a: says('x') });
    await ask({ provider: 'a', name: 'other', temperature: 0.1, maxOutputTokens: 9, seed: 3 });
    expect(seen[0]).toMatchObject({ model: 'other', temperature: 0.1, maxOutputTokens: 9, seed: 3 });
  });

  it('goes to the next provider at once when one fails, and tells', async () => {
    const { ask, signals, clock } = house({ a: down(), b: down(), c: says('ok') });
    await expect(ask()).resolves.toMatchObject({ text: 'ok', provider: 'c' });
    expect(clock.slept).toEqual([]);
    expect(signals).toEqual([
      { type: 'selected', provider: 'a', model: 'a-model' },
      { type: 'failed-over', from: 'a', to: 'b', reason: 'provider_unavailable' },
      { type: 'selected', provider: 'b', model: 'b-model' },
      { type: 'failed-over', from: 'b', to: 'c', reason: 'provider_unavailable' },
      { type: 'selected', provider: 'c', model: 'c-model' },
      { type: 'delta', text: 'ok' },
    ]);
  });

  it('counts the tokens of all who were asked, and times the first piece of what is streamed', async () => {
    const { router, ctx, ask, samples } = house({ a: says('ok') }, { a: { trust: 'operator' } });
    await ask();
    await router.generate(ctx, { model: {}, messages: [] });
    const shown = await samples();
    expect(shown).toContain('model_tokens_total{provider="a",kind="input"} 2000');
    expect(shown).toContain('model_time_to_first_token_seconds_count{provider="a"} 1');
  });

  it('tells who was asked of a reply that is not streamed, too', async () => {
    const { router, ctx, seen, streamed } = house({ a: down(), b: says('ok') });
    const signals: ModelSignal[] = [];
    const request = { model: {}, messages: [] };
    await router.generate(ctx, request, (signal) => signals.push(signal), { stream: false });
    expect(signals.map(({ type }) => type)).toEqual(['selected', 'failed-over', 'selected']);
    await router.generate(ctx, request);
    expect(seen).toHaveLength(3);
    expect(streamed).toEqual([false, false, false]);
  });

  it('voids what a provider said before it failed', async () => {
    const cut: Behaviour = async (_call, onDelta) => {
      onDelta?.('half an ans');
      throw new UpstreamError('provider_unavailable', 'cut');
    };
    const { ask, signals } = house({ a: cut, b: says('whole') });
    const { text } = await ask();
    expect(texts(signals)).toBe(text);
    expect(signals.map(({ type }) => type)).toEqual([
      'selected',
      'delta',
      'failed-over',
      'restart',
      'selected',
      'delta',
    ]);
  });

  it('tries the only provider up to three times, with growing pauses', async () => {
    let failures = 2;
    const flaky: Behaviour = (call, onDelta) => (failures-- > 0 ? down()(call) : says('third')(call, onDelta));
    const { ask, called, clock, signals } = house({ a: flaky });
    await expect(ask()).resolves.toMatchObject({ text: 'third' });
    expect(called).toEqual(['a', 'a', 'a']);
    expect(clock.slept).toEqual([250, 500]);
    expect(signals.filter(({ type }) => type === 'selected')).toHaveLength(1);
  });

  it('waits as long as the provider asks for, but not for ever', async () => {
    const patient = house({ a: down({ retryAfterMs: 2000 }) });
    await expect(patient.ask()).rejects.toMatchObject({ code: 'all_providers_failed', retryAfterMs: 2000 });
    expect(patient.clock.slept).toEqual([2000, 2000]);
    const hurried = house({ a: down({ retryAfterMs: 60_000 }) });
    await expect(hurried.ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
    expect(hurried.called).toEqual(['a']);
  });

  it('does not repeat what cannot succeed', async () => {
    const { ask, called } = house({ a: down({ retryable: false }) });
    await expect(ask()).rejects.toMatchObject({ code: 'all_providers_failed', retryable: false });
    expect(called).toEqual(['a']);
  });

  it('gives one reason for each provider when all failed', async () => {
    const { ask } = house({
      a: down({ retryable: false }),
      b: async () => Promise.reject(new TimeoutError('provider_timeout', 'Too slow')),
    });
    await expect(ask()).rejects.toMatchObject({
      category: 'unavailable',
      code: 'all_providers_failed',
      details: [
        { path: 'providers.a', code: 'provider_unavailable', message: 'It is down' },
        { path: 'providers.b', code: 'provider_timeout', message: 'Too slow' },
      ],
    });
  });

  it('names a fault of the request itself as that', async () => {
    const refuses: Behaviour = async () => {
      throw new ValidationError('No zip files', []);
    };
    await expect(house({ a: refuses, b: refuses }).ask()).rejects.toMatchObject({ category: 'validation' });
  });

  it('turns an unexpected error of a client into a failure of its provider, without its text', async () => {
    const buggy: Behaviour = async () => {
      throw new TypeError('secret internals');
    };
    const error = await house({ a: buggy })
      .ask()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'all_providers_failed' });
    expect(JSON.stringify((error as AppError).details)).not.toContain('secret');
  });

  it('stops when the caller is gone: no other provider is asked and nobody is blamed', async () => {
    const { ask, called, controller, routes, ctx } = house({
      a: async () => {
        controller.abort(new Error('client gone'));
        throw new UpstreamError('provider_unavailable', 'aborted');
      },
      b: says('too late'),
    });
    await expect(ask()).rejects.toThrow('client gone');
    expect(called).toEqual(['a']);
    const [row] = await routes.ranked(ctx);
    expect(row!.parts.health).toBe(1);
  });

  describe('the built-in provider', () => {
    it('serves when no other is configured', async () => {
      await expect(house({}).ask()).resolves.toMatchObject({ provider: 'builtin', text: 'extractive' });
    });

    it('is no silent substitute for one that failed', async () => {
      await expect(house({ a: down() }).ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
    });

    it('takes over in the end where the agent says so', async () => {
      const { ask, called, signals } = house({ a: down() });
      await expect(ask({ fallbackToBuiltin: true })).resolves.toMatchObject({ provider: 'builtin' });
      expect(called).toEqual(['a', 'a', 'a', 'builtin']);
      expect(signals).toContainEqual({ type: 'failed-over', from: 'a', to: 'builtin', reason: 'provider_unavailable' });
    });

    it('can be pinned', async () => {
      const { ask, called } = house({ a: says('x') });
      await expect(ask({ provider: 'builtin', name: 'extractive' })).resolves.toMatchObject({ model: 'extractive' });
      expect(called).toEqual(['builtin']);
    });
  });

  describe('a pinned model', () => {
    it('is the only one asked, and its failure is the answer', async () => {
      const { ask, called } = house({ a: down({ retryable: false }), b: says('no') });
      await expect(ask({ provider: 'a', name: 'm' })).rejects.toMatchObject({
        code: 'provider_unavailable',
        message: 'It is down',
      });
      expect(called).toEqual(['a']);
    });

    it('fails over where the reference allows it', async () => {
      const { ask, called } = house({ a: down(), b: says('yes') });
      await expect(ask({ provider: 'a', name: 'm', fallback: true })).resolves.toMatchObject({ provider: 'b' });
      expect(called).toEqual(['a', 'b']);
    });

    it('needs no name: the provider’s first model is taken', async () => {
      await expect(house({ a: says('x') }).ask({ provider: 'a' })).resolves.toMatchObject({ model: 'a-model' });
    });
  });

  it.each([
    [{ provider: 'nope', name: 'm' }, 'model.provider', "There is no provider 'nope'; there are: a, builtin"],
    [{ name: 'm' }, 'model.provider', "Say which provider has the model 'm'"],
    [{ route: 'fast' }, 'model.route', 'There is no route \'fast\'; use "default"'],
  ])('refuses the reference %j', async (reference, path, message) => {
    await expect(house({ a: says('x') }).ask(reference)).rejects.toMatchObject({
      code: 'invalid_reference',
      details: [{ path, code: 'invalid_reference', message }],
    });
  });

  it('says why a provider cannot be used, and leaves it out of the route', async () => {
    const { ask, all } = house({ a: says('x'), b: says('y') }, { b: { kind: 'gone' } });
    Object.assign(all[1]!, { unavailable: 'Set A_KEY' });
    await expect(ask({ provider: 'a' })).rejects.toMatchObject({
      code: 'provider_unavailable',
      message: "Provider 'a' cannot be used: Set A_KEY",
    });
    await expect(ask({ provider: 'b' })).rejects.toMatchObject({ message: expect.stringContaining("kind 'gone'") });
    await expect(ask()).resolves.toMatchObject({ provider: 'builtin' });
  });

  describe('the breaker', () => {
    const refused = down({ retryable: false });

    it('keeps a provider out for 60 s after five failures, then lets it come back', async () => {
      let works = false;
      const { ask, called, clock, routes, ctx } = house(
        {
          a: (call, onDelta) => (works ? says('back')(call, onDelta) : refused(call)),
          b: says('b'),
        },
        { b: { models: [{ name: 'dear', inputPricePerMTok: 9_000_000, outputPricePerMTok: 9_000_000 }] } },
      );
      for (let i = 0; i < 5; i++) await ask({ provider: 'a', name: 'a-model' }).catch(() => undefined);
      expect(called).toHaveLength(5);
      await expect(ask({ provider: 'a', name: 'a-model' })).rejects.toMatchObject({
        code: 'provider_unavailable',
        category: 'unavailable',
      });
      await expect(ask()).resolves.toMatchObject({ provider: 'b' });
      expect(called.slice(5)).toEqual(['b']);
      expect((await routes.ranked(ctx)).find(({ provider }) => provider === 'a')).toMatchObject({
        state: 'open',
        parts: { health: 0 },
      });

      clock.at += 60_000;
      works = true;
      await expect(ask()).resolves.toMatchObject({ provider: 'a', text: 'back' });
      expect((await routes.ranked(ctx))[0]).toMatchObject({ provider: 'a', state: 'closed', parts: { health: 1 } });
    });

    it('does not count requests that the vendor rightly refuses', async () => {
      const refuses: Behaviour = async () => {
        throw new UpstreamError('provider_refused', 'Too long', { retryable: false });
      };
      const { ask, called } = house({ a: refuses });
      for (let i = 0; i < 8; i++) await ask().catch(() => undefined);
      expect(called).toHaveLength(8);
    });
  });

  it('takes what an endpoint serves where no model is configured', async () => {
    const local = house({ a: says('x') }, { a: { models: [] } });
    await expect(local.ask()).rejects.toMatchObject({
      details: [{ path: 'providers.a', code: 'provider_unavailable', message: "Provider 'a' offers no model" }],
    });
    local.serves.push({ name: 'llama' }, { name: 'qwen' });
    await expect(local.ask()).resolves.toMatchObject({ provider: 'a', model: 'llama' });
    expect(await local.routes.ranked(local.ctx)).toMatchObject([{ provider: 'a', model: 'llama' }]);
  });
});
