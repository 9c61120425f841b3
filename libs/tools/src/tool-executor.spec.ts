import { z } from 'zod';
import { type ToolContext, UpstreamError } from '@guildhall/sdk';
import { Greeting, greet, house, logged, request, tool } from './spec-fixture/tool-house.js';

const inRun = (over: Partial<ToolContext> = {}): ToolContext => ({
  ...request,
  callId: 'call_1',
  idempotencyKey: 'run_1:call_1',
  runId: 'run_1',
  groups: [],
  collectionIds: [],
  ...over,
});

const call = (name: string, input: unknown = {}) => ({ id: 'call_1', tool: name, input });

describe('describing tools', () => {
  it('gives the JSON Schema of what may be sent, in the order asked', async () => {
    const { executor } = house(
      greet,
      tool('other', () => 1, { effect: 'unsafe' }),
    );
    expect(await executor.describe(request, ['other', 'greet'])).toEqual([
      { name: 'other', description: 'Does other', effect: 'unsafe', inputSchema: expect.anything() },
      {
        name: 'greet',
        description: 'Does greet',
        effect: 'read',
        inputSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', minLength: 1 },
            times: { type: 'integer', minimum: expect.any(Number), maximum: 3, default: 1 },
          },
          required: ['name'],
          additionalProperties: false,
        },
      },
    ]);
  });

  it('makes a schema once', async () => {
    const { executor } = house(greet);
    const [first] = await executor.describe(request, ['greet']);
    const [second] = await executor.describe(request, ['greet']);
    expect(second!.inputSchema).toBe(first!.inputSchema);
  });

  it('names every tool that does not exist', async () => {
    const { executor } = house(greet);
    await expect(executor.describe(request, ['no', 'greet', 'never'])).rejects.toMatchObject({
      code: 'invalid_reference',
      category: 'validation',
      details: [{ path: 'tools[0]' }, { path: 'tools[2]', message: expect.stringContaining("'never'") }],
    });
  });

  it('survives a schema that JSON cannot express', async () => {
    const { executor } = house(tool('odd', () => 1, { input: z.strictObject({ at: z.date() }) }));
    expect(await executor.describe(request, ['odd'])).toHaveLength(1);
  });

  it('lists tools with the plugin they come from', async () => {
    const { registry } = house(
      greet,
      tool('weather.current', () => 1, {}, 'weather'),
    );
    const listed = (await registry.list(request)).map(({ id, kind, plugin }) => ({ id, kind, plugin }));
    expect(listed).toEqual([
      { id: 'greet', kind: 'builtin', plugin: 'tools' },
      { id: 'weather.current', kind: 'plugin', plugin: 'weather' },
    ]);
  });
});

describe('executing a tool in a run', () => {
  it('hands the parsed input to the tool and its output back', async () => {
    const seen: unknown[] = [];
    const { executor } = house(
      tool('echo', (input, ctx) => (seen.push(ctx.idempotencyKey), input), { input: Greeting }),
    );
    const result = await executor.execute(inRun(), call('echo', { name: 'Ada' }));
    expect(result).toEqual({ ok: true, output: { name: 'Ada', times: 1 }, durationMs: expect.any(Number) });
    expect(seen).toEqual(['run_1:call_1']);
  });

  it('tells the model each fault of its input', async () => {
    const result = await house(greet).executor.execute(inRun(), call('greet', { name: '', times: 9, x: 1 }));
    expect(result).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
    expect(JSON.stringify(result)).toMatch(/input\.name: .*input\.times: .*input: .*"x/);
  });

  it('says no more of very many faults than a model should read', async () => {
    const input = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`field_${index}`, 1]));
    const result = await house(greet).executor.execute(inRun(), call('greet', input));
    expect(result).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
    expect(JSON.stringify(result).length).toBeLessThan(5000);
  });

  it.each([['text'], [['a']], [null], [7]])('runs no tool with %j instead of an object', async (input) => {
    let ran = false;
    const { executor } = house(tool('look', () => (ran = true)));
    const result = await executor.execute(inRun(), call('look', input));
    expect(result).toMatchObject({ ok: false, error: { message: expect.stringContaining('expected object') } });
    expect(ran).toBe(false);
  });

  it('refuses an enormous input before it is looked at', async () => {
    const { executor } = house(tool('echo', (input) => input, { input: z.looseObject({}) }));
    const result = await executor.execute(inRun(), call('echo', { text: 'x'.repeat(256 * 1024) }));
    expect(result).toMatchObject({ ok: false, error: { message: expect.stringMatching(/input: has 262155 bytes/) } });
  });

  it('reaches no prototype through its input', async () => {
    const { executor } = house(tool('echo', (input) => input, { input: z.looseObject({}) }));
    const input = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}') as unknown;
    const result = await executor.execute(inRun(), call('echo', input));
    expect(result.ok).toBe(true);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('makes a result of a tool that fails, in the words of an AppError', async () => {
    const broken = tool('broken', () => Promise.reject(new UpstreamError('shop_closed', 'The shop is closed')));
    const result = await house(broken).executor.execute(inRun(), call('broken'));
    const error = { code: 'shop_closed', message: 'The shop is closed', category: 'upstream', retryable: true };
    expect(result).toEqual({ ok: false, error, durationMs: expect.any(Number) });
  });

  it('keeps the text of any other error to the log', async () => {
    logged.length = 0;
    const leaky = tool('leaky', () => {
      throw new Error('password=hunter2');
    });
    const result = await house(leaky).executor.execute(inRun(), call('leaky'));
    expect(result).toMatchObject({ ok: false, error: { code: 'tool_failed' } });
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(logged).toEqual([expect.objectContaining({ tool: 'leaky', err: expect.any(Error) })]);
  });

  it('refuses a tool that the agent was not granted, without running it', async () => {
    let ran = false;
    const { executor } = house(tool('refund', () => (ran = true)));
    const result = await executor.execute(inRun({ grantedTools: ['calculator'] }), call('refund'));
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'forbidden', category: 'authorization', message: expect.stringContaining('calculator') },
    });
    const none = await executor.execute(inRun({ grantedTools: [] }), call('refund'));
    expect(none).toMatchObject({ ok: false, error: { message: expect.stringContaining('it has none') } });
    expect(ran).toBe(false);
    expect(await executor.execute(inRun({ grantedTools: ['refund'] }), call('refund'))).toMatchObject({ ok: true });
  });

  it('says so when there is no such tool', async () => {
    const result = await house().executor.execute(inRun(), call('nothing'));
    expect(result).toMatchObject({ ok: false, error: { code: 'tool_not_found', category: 'not_found' } });
  });

  it('stops waiting for a tool that ignores its timeout, and aborts its signal', async () => {
    let signal: AbortSignal | undefined;
    const slow = tool('slow', (_, ctx) => ((signal = ctx.signal), new Promise(() => {})), { timeoutMs: 5 });
    const result = await house(slow).executor.execute(inRun(), call('slow'));
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'tool_timeout', category: 'timeout', retryable: true, message: expect.stringContaining('5 ms') },
      outcome: 'unknown',
    });
    expect(signal!.aborted).toBe(true);
  });

  it('throws when the run is aborted, whatever the tool does with it', async () => {
    const abort = new AbortController();
    const stubborn = tool('stubborn', () => (abort.abort(new Error('cancelled by its owner')), new Promise(() => {})));
    const running = house(stubborn).executor.execute(inRun({ signal: abort.signal }), call('stubborn'));
    await expect(running).rejects.toThrow('cancelled by its owner');
    const again = house(stubborn).executor.execute(inRun({ signal: abort.signal }), call('stubborn'));
    await expect(again).rejects.toThrow('cancelled by its owner');
  });

  it('throws the abort and not what the tool made of it', async () => {
    const abort = new AbortController();
    const tidy = tool('tidy', () => {
      abort.abort('stop');
      throw new Error('interrupted');
    });
    const running = house(tidy).executor.execute(inRun({ signal: abort.signal }), call('tidy'));
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses an output over the cap instead of cutting it', async () => {
    const big = tool('big', () => 'x'.repeat(256 * 1024));
    const result = await house(big).executor.execute(inRun(), call('big'));
    expect(result).toMatchObject({ ok: false, error: { code: 'tool_output_too_large' } });
  });

  it('refuses an output that nests too deep', async () => {
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
    const resultOf = (depth: number) =>
      house(tool('deep', () => nested(depth))).executor.execute(inRun(), call('deep'));
    expect(await resultOf(100)).toMatchObject({ ok: true });
    for (const depth of [101, 3000, 100_000]) expect(await resultOf(depth)).toMatchObject({ ok: false });
    expect(await resultOf(101)).toMatchObject({ error: { code: 'tool_output_too_large' } });
  });

  it('answers a call whose arguments could not be read with why, and does not make it', async () => {
    const execute = jest.fn();
    const unread = { ...call('any', '[[[…'), inputFault: 'may nest 32 objects and lists: make it flatter' };
    const result = await house(tool('any', execute)).executor.execute(inRun(), unread);
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'validation_failed', message: expect.stringContaining('input: may nest 32') },
    });
    expect(execute).not.toHaveBeenCalled();
  });

  it.each([
    ['a function', () => () => 1],
    [
      'a cycle',
      () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        return cycle;
      },
    ],
    ['a BigInt', () => 1n],
  ])('refuses %s as output, which is not JSON', async (_, execute) => {
    const result = await house(tool('odd', execute)).executor.execute(inRun(), call('odd'));
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'tool_failed', message: expect.stringContaining('not JSON') },
    });
  });

  it.each([
    [undefined, null],
    [null, null],
    [0, 0],
    [{ at: new Date(0), gone: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a\0b\\u0000c\ud800', 'ab\\u0000c\ufffd'],
    ['back\\\0slash', 'back\\slash'],
  ])('stores %j as the database and a replay will see it', async (output, stored) => {
    const result = await house(tool('any', () => output)).executor.execute(inRun(), call('any'));
    expect(result).toMatchObject({ ok: true, output: stored });
  });
});
