import type { ModelReply } from '@guildhall/sdk';
import { StructuredOutput } from './structured-output.js';

const TOTAL = {
  type: 'object',
  properties: { total: { type: 'integer', minimum: 1 } },
  required: ['total'],
  additionalProperties: false,
};

const reply = (text: string, more: Partial<ModelReply> = {}): ModelReply => ({
  text,
  toolCalls: [],
  citations: [],
  finishReason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1, cachedTokens: 0, costMicroUsd: 0 },
  provider: 'fake',
  model: 'fake',
  ...more,
});

describe('an answer that must follow a schema', () => {
  it('is taken with its value as data, beside what is said of the answer', async () => {
    const output = await StructuredOutput.of(TOTAL);
    expect(await output.accept(reply('{"total":36}', { data: { mode: 'scripted' } }))).toEqual({
      text: '{"total":36}',
      citations: [],
      data: { mode: 'scripted', total: 36 },
    });
    expect(output.correction).toEqual([]);
  });

  it('wins where the answer is said to be something else', async () => {
    const output = await StructuredOutput.of({ type: 'object', properties: { mode: { type: 'string' } } });
    expect((await output.accept(reply('{"mode":"fast"}', { data: { mode: 'scripted' } })))!.data).toEqual({
      mode: 'fast',
    });
  });

  it.each([
    ['Thirty-six.', /not JSON/],
    ['```json\n{"total":36}\n```', /not JSON/],
    ['', /not JSON/],
    ['{"total":36', /not JSON/],
    ['{"total":0}', /total must be >= 1/],
    ['{"total":1,"sum":1}', /must not have the property 'sum'/],
    ['{}', /must have required property 'total'/],
    ['[36]', /must be object/],
    ['null', /must be object/],
    ['{"total":1,"total":36}', /gives a field twice/],
    [`{"total":${'['.repeat(100_000)}`, /may nest 32/],
    ['{"total":36,"__proto__":{"admin":true}}', /'__proto__': rename it/],
  ])('is sent back once when it is %j', async (text, fault) => {
    const output = await StructuredOutput.of(TOTAL);
    expect(await output.accept(reply(text))).toBeUndefined();
    const [message] = output.correction;
    expect(message).toMatchObject({ role: 'user', text: expect.stringMatching(fault) });
    expect(JSON.stringify(message)).toContain('minimum');
    expect(await output.accept(reply('{"total":36}'))).toMatchObject({ data: { total: 36 } });
  });

  it('is an error the second time, which names the provider and every fault', async () => {
    const output = await StructuredOutput.of(TOTAL);
    await output.accept(reply('no'));
    const again = output.accept(reply('{"total":0.5}', { finishReason: 'length' }));
    await expect(again).rejects.toMatchObject({
      code: 'invalid_output',
      category: 'upstream',
      message: expect.stringMatching(
        /outputSchema twice \(it ended with 'length'\): total must be integer; total must be >= 1/,
      ),
      retryable: false,
      provider: 'fake',
      details: [{ path: 'output.data.total' }, { path: 'output.data.total' }],
    });
  });

  it('reaches no prototype', async () => {
    const output = await StructuredOutput.of({ type: 'object' });
    const { data } = (await output.accept(reply('{"toString":{"admin":true},"constructor":1}')))!;
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect((data as { admin?: unknown }).admin).toBeUndefined();
  });
});
