import { ANTHROPIC_WIRE, FakeModel, type FakeScript, type TestTenant, testTenant } from '@guildhall/testing';

interface Step {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly error?: { code: string; message: string };
  readonly usage?: { inputTokens: number };
}

const TOTAL = {
  type: 'object',
  properties: { total: { type: 'integer', minimum: 1 } },
  required: ['total'],
  additionalProperties: false,
};
const usage = { inputTokens: 100, outputTokens: 10 };
const asks = (tool: string, input: Record<string, unknown> | string): FakeScript => ({
  toolCalls: [{ name: tool, arguments: input }],
});

/** What a model says is checked before it counts. */
describe('the reply of a model', () => {
  let house: TestTenant;
  let fake: FakeModel;
  let claude: FakeModel;

  beforeAll(async () => {
    [house, fake, claude] = await Promise.all([testTenant(), FakeModel.start(), FakeModel.start(ANTHROPIC_WIRE)]);
    for (const [id, kind, { baseUrl }] of [
      ['fake', 'openai-compatible', fake],
      ['claude', 'anthropic', claude],
    ] as const) {
      const models = [{ name: 'm', inputPricePerMTok: 1_000_000, outputPricePerMTok: 1_000_000 }];
      await house.post('/api/v1/providers', { id, kind, baseUrl, apiKey: 'k', models });
    }
  });
  beforeEach(() => {
    fake.reset();
    claude.reset();
  });
  afterAll(async () => {
    await house.close();
    await Promise.all([fake.stop(), claude.stop()]);
  });

  const runWith = async (definition: object, provider = 'fake', input = 'What is the total?') => {
    const model = { provider, name: 'm' };
    const agent = await house.post('/api/v1/agents', { name: 'checked', model, ...definition });
    expect(agent.status).toBe(201);
    const headers = { prefer: 'wait=20' };
    const { body } = await house.post('/api/v1/runs', { agentId: agent.body.data.id, input }, { headers });
    const steps = (await house.get(`/api/v1/runs/${body.data.id}/steps`)).body.data as Step[];
    return { run: body.data, steps, calls: steps.filter(({ kind }) => kind === 'tool') };
  };

  describe('to an agent with an outputSchema', () => {
    it.each(['fake', 'claude'])('is the data of the run, and its text (%s)', async (provider) => {
      const model = provider === 'fake' ? fake : claude;
      model.script({ text: '{"total":36}', usage });
      const { run } = await runWith({ outputSchema: TOTAL }, provider);
      expect(run).toMatchObject({ status: 'succeeded', output: { text: '{"total":36}', data: { total: 36 } } });
      expect(JSON.stringify(model.requests[0]!.body)).toContain('"minimum"');
    });

    it('is sent back once with what is wrong; both calls are steps, and both cost', async () => {
      fake.script({ text: '{"total":0}', usage }, { text: '{"total":36}', usage });
      const { run, steps } = await runWith({ outputSchema: TOTAL });
      expect(run).toMatchObject({
        status: 'succeeded',
        output: { text: '{"total":36}', data: { total: 36 } },
        usage: { inputTokens: 200, outputTokens: 20, costMicroUsd: 220 },
      });
      expect(steps.map(({ kind, status }) => [kind, status])).toEqual([
        ['model', 'succeeded'],
        ['model', 'succeeded'],
      ]);
      const sent = fake.requests[1]!.body.messages;
      expect(sent.slice(-3).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
      expect(sent.at(-2)!.content).toBe('{"total":0}');
      expect(JSON.stringify(sent.at(-1)!.content)).toContain('total must be >= 1');
    });

    it('fails the run when it is wrong twice', async () => {
      fake.otherwise({ text: 'Thirty-six, I think.', usage });
      const { run } = await runWith({ outputSchema: TOTAL });
      expect(run).toMatchObject({
        status: 'failed',
        error: { code: 'invalid_output', category: 'upstream', retryable: false, provider: 'fake' },
        usage: { inputTokens: 200 },
      });
      expect(fake.requests).toHaveLength(2);
    });

    it('is repaired within the limits of the run only', async () => {
      fake.otherwise({ text: 'Thirty-six', usage });
      const { run } = await runWith({ outputSchema: TOTAL, limits: { maxSteps: 1 } });
      expect(run).toMatchObject({ status: 'failed', error: { code: 'max_steps_exceeded' } });
    });

    it('is never made up by the built-in provider', async () => {
      const builtin = { outputSchema: TOTAL, model: { provider: 'builtin', name: 'extractive' } };
      const stated = await runWith(builtin, undefined, 'The total is 36');
      expect(stated.run).toMatchObject({ output: { data: { mode: 'extractive', total: 36 } } });
      const unstated = await runWith(builtin);
      expect(unstated.run).toMatchObject({
        status: 'failed',
        error: { category: 'validation', message: expect.stringContaining('does not state every required value') },
      });
    });
  });

  it('follows no schema that is none: the agent is refused, with the path of each fault', async () => {
    const schemas = [
      { type: 'object', properties: { total: { type: 'money' } } },
      { type: 'array' },
      { type: 'object', $ref: 'https://example.org/total.json' },
      'total',
    ];
    const answers = await Promise.all(
      schemas.map((outputSchema) => house.post('/api/v1/agents', { name: 'a', outputSchema })),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(answers.map(({ body }) => body.error.details[0].path)).toEqual([
      'outputSchema.properties.total.type',
      'outputSchema.type',
      'outputSchema.$ref',
      'outputSchema',
    ]);
    const { body } = await house.post('/api/v1/agents/validate', { name: 'a', outputSchema: { type: 'array' } });
    expect(body.data).toMatchObject({ valid: false, faults: [{ path: 'outputSchema.type', code: 'not_an_object' }] });
  });

  it('may leave the schema again', async () => {
    const { body } = await house.post('/api/v1/agents', { name: 'a', outputSchema: TOTAL });
    expect(body.data.outputSchema).toEqual(TOTAL);
    const patched = await house.patch(`/api/v1/agents/${body.data.id}`, { outputSchema: null });
    expect(patched.body.data).not.toHaveProperty('outputSchema');
  });

  describe('that calls tools', () => {
    const agent = { tools: ['calculator'], limits: { maxSteps: 200 } };

    it.each([
      ['that are no JSON', '{"expression": "6 *'],
      ['of the wrong shape', '["6 * 7"]'],
      ['with a field too many', { expression: '6 * 7', host: 'evil.example' }],
      ['nested without end', `{"expression":${'['.repeat(100_000)}`],
      ['that reach for a prototype', '{"expression":"6 * 7","__proto__":{"admin":true}}'],
    ])('with arguments %s reads what is wrong, and may mend it', async (_, input) => {
      fake.script(asks('calculator', input), asks('calculator', { expression: '6 * 7' }), { text: '42' });
      const { run, calls } = await runWith(agent);
      expect(run).toMatchObject({ status: 'succeeded', output: { text: '42' } });
      expect(calls.map(({ status, error }) => [status, error?.code])).toEqual([
        ['failed', 'validation_failed'],
        ['succeeded', undefined],
      ]);
      expect(JSON.stringify(fake.requests[1]!.body.messages.at(-1))).toContain('is not valid');
    });

    it('reads it twice in a row, and ends the run the third time', async () => {
      fake.otherwise(asks('calculator', { expr: '6 * 7' }));
      const { run, calls } = await runWith(agent);
      expect(run).toMatchObject({
        status: 'failed',
        error: { code: 'invalid_tool_arguments', category: 'limit_exceeded', retryable: false },
      });
      expect([fake.requests.length, calls.length]).toEqual([3, 3]);
    });

    it('ends as well where it asks for tools there are not', async () => {
      fake.otherwise(asks('abacus', {}));
      const { run } = await runWith(agent);
      expect(run).toMatchObject({ status: 'failed', error: { code: 'unknown_tool', category: 'limit_exceeded' } });
      expect(fake.requests).toHaveLength(3);
    });

    it('performs many at once, each once, though all have the same id', async () => {
      const call = { id: 'call_1', name: 'calculator', arguments: { expression: '6 * 7' } };
      fake.script({ toolCalls: Array.from({ length: 40 }, () => call) }, { text: 'Done.' });
      const { run, calls } = await runWith(agent);
      expect(run).toMatchObject({ status: 'succeeded' });
      expect(calls.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 'succeeded'));
      const answered = fake.requests[1]!.body.messages.flatMap((message) => message.tool_call_id ?? []);
      expect([answered.length, new Set(answered).size]).toEqual([40, 40]);
    });

    it('waits for a person before each of many, and performs each once', async () => {
      const call = { name: 'calculator', arguments: { expression: '6 * 7' } };
      fake.script({ toolCalls: Array.from({ length: 20 }, () => call) }, { text: 'Done.' });
      const started = await runWith({ ...agent, approvals: [{ tool: 'calculator', when: 'always' }] });
      let { status } = started.run;
      let asked = 0;
      for (let round = 0; status === 'waiting' && round < 5; round++) {
        const pending = (await house.get('/api/v1/interrupts?limit=100')).body.data as { id: string }[];
        asked += pending.length;
        for (const { id } of pending) await house.post(`/api/v1/interrupts/${id}/respond`, { decision: 'approve' });
        const headers = { prefer: 'wait=20' };
        ({ status } = (await house.get(`/api/v1/runs/${started.run.id}/wait`, { headers })).body.data);
      }
      const steps = (await house.get(`/api/v1/runs/${started.run.id}/steps?limit=100`)).body.data as Step[];
      const performed = steps.filter(({ kind }) => kind === 'tool');
      expect([status, asked]).toEqual(['succeeded', 20]);
      expect(performed.map((one) => one.status)).toEqual(Array.from({ length: 20 }, () => 'succeeded'));
      expect(fake.requests).toHaveLength(2);
    });

    it('performs none of far too many', async () => {
      const call = { name: 'calculator', arguments: { expression: '1' } };
      fake.script({ toolCalls: Array.from({ length: 200 }, () => call) });
      const { run, calls } = await runWith(agent);
      expect(run).toMatchObject({
        status: 'failed',
        error: { code: 'too_many_tool_calls', category: 'limit_exceeded' },
      });
      expect(calls).toEqual([]);
    });
  });
});
