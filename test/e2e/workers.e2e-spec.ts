import { z } from 'zod';
import { Plugin, type RunContext, ValidationError, Worker, type WorkerHandler } from '@guildhall/sdk';
import { type TestApp, startTestApp } from '@guildhall/testing';

const Anything = z.strictObject({
  what: z.enum(['ask', 'throw', 'refuse', 'calculate', 'retrieve', 'delegate', 'hear']),
});
type What = z.output<typeof Anything>;

/** Does what its input says, through the context. */
@Worker({ name: 'jack', description: 'Of all trades', data: Anything })
class Jack implements WorkerHandler<What> {
  async process(ctx: RunContext, { what }: What): Promise<unknown> {
    switch (what) {
      case 'ask':
        return ctx.ask({ kind: 'question', prompt: 'Shall I?' });
      case 'throw':
        throw new Error('password=hunter2');
      case 'refuse':
        throw new ValidationError('Not on Sundays');
      case 'calculate':
        return ctx.tool({ id: 'c1', tool: 'calculator', input: { expression: '6 * 7' } });
      case 'retrieve':
        return ctx.retrieve({ collectionId: 'col_01jd3fz8r0tq4v7m2x9s5n6k8p', query: 'x' });
      case 'delegate':
        return ctx.worker('message', { text: 'From the other', direct: true });
      case 'hear':
        return { heard: await ctx.conversation(), now: (await ctx.now()) > 0, chance: (await ctx.random()) < 1 };
    }
  }
}

@Plugin({ id: 'trades', version: '1.0.0', compat: '^0.1.0', providers: [Jack] })
class TradesPlugin {}

describe('POST /workers/{id}/invoke', () => {
  let house: TestApp;
  beforeAll(async () => void (house = await startTestApp({ plugins: [TradesPlugin] })));
  afterAll(() => house?.close());

  const invoke = (worker: string, input: object, more: object = {}, key = house.apiKey) =>
    house.post(`/api/v1/workers/${worker}/invoke`, { input, ...more }, { key });
  const keyWith = async (...scopes: string[]) =>
    (await house.post('/api/v1/api-keys', { name: 'k', scopes })).body.data.key as string;

  it('answers what the worker answers, and leaves no run behind', async () => {
    const { status, body } = await invoke('message', { text: 'Welcome!', direct: true });
    expect(status).toBe(200);
    expect(body.data).toEqual({ output: { text: 'Welcome!', citations: [] }, durationMs: expect.any(Number) });
    expect((await house.get('/api/v1/runs')).body.data).toEqual([]);
  });

  it('says a message word for word where there is no model but the built-in one', async () => {
    const { body } = await invoke('message', { text: 'Welcome to the shop' }, { text: 'Hello' });
    expect(body.data.output).toEqual({ text: 'Welcome to the shop', citations: [] });
  });

  it('hands on the words that a run would have begun with', async () => {
    const { body } = await invoke('jack', { what: 'hear' }, { text: 'Hello' });
    expect(body.data.output).toEqual({ heard: [{ role: 'user', text: 'Hello' }], now: true, chance: true });
    expect((await invoke('jack', { what: 'hear' })).body.data.output.heard).toEqual([]);
  });

  it('lets a worker use tools and other workers', async () => {
    expect((await invoke('jack', { what: 'calculate' })).body.data.output).toMatchObject({
      ok: true,
      output: { result: 42 },
    });
    expect((await invoke('jack', { what: 'delegate' })).body.data.output).toMatchObject({ text: 'From the other' });
  });

  it.each([
    ['message', { direct: true }, 'input.text', 'required'],
    ['message', { text: 'a', loud: true }, 'input.loud', 'unknown_field'],
    ['rag', { collectionIds: [] }, 'input.collectionIds', 'too_small'],
  ])('refuses %s with %j, and names %s', async (worker, input, path, faultCode) => {
    const { status, body } = await invoke(worker, input);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'validation_failed', details: [{ path, code: faultCode }] });
  });

  it.each([
    ['text instead of an object', { input: 'hello' }],
    ['nothing', {}],
    ['more than it knows', { input: { text: 'a', direct: true }, mood: 'good' }],
  ])('refuses a body with %s', async (_what, body) => {
    expect((await house.post('/api/v1/workers/message/invoke', body)).status).toBe(400);
  });

  it('says that only a run can ask a person', async () => {
    const { status, body } = await invoke('jack', { what: 'ask' });
    expect([status, body.error.code]).toEqual([409, 'worker_needs_run']);
  });

  it('keeps what a worker threw to itself, and hands on what it says', async () => {
    const thrown = await invoke('jack', { what: 'throw' });
    expect([thrown.status, thrown.body.error.code]).toEqual([502, 'worker_failed']);
    expect(thrown.text).not.toContain('hunter2');
    const refused = await invoke('jack', { what: 'refuse' });
    expect([refused.status, refused.body.error.message]).toEqual([400, 'Not on Sundays']);
  });

  it('knows no other workers', async () => {
    const { status, body } = await invoke('nobody', {});
    expect([status, body.error.code]).toEqual([404, 'worker_not_found']);
  });

  it('does no more than the key may', async () => {
    const key = await keyWith('runs:write');
    expect((await invoke('message', { text: 'Hi', direct: true }, {}, key)).status).toBe(200);
    expect((await invoke('jack', { what: 'calculate' }, {}, key)).status).toBe(403);
    expect((await invoke('jack', { what: 'retrieve' }, {}, key)).status).toBe(403);
    const reader = await keyWith('agents:read');
    expect((await invoke('message', { text: 'Hi', direct: true }, {}, reader)).status).toBe(403);
  });
});
