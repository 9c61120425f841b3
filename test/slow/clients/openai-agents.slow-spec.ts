import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import { type ClientHouse, SUM_QUESTION, asksTool, clientHouse, joined, sum, sumArguments } from './client-house.js';

describe.each([
  ['responses', true],
  ['chat completions', false],
])('the @openai/agents package, unmodified, over %s', (_, useResponses) => {
  let at: ClientHouse;
  let runner: Runner;

  beforeAll(async () => {
    at = await clientHouse();
    const modelProvider = new OpenAIProvider({ openAIClient: at.client, useResponses });
    // It would send its traces to its maker.
    runner = new Runner({ modelProvider, tracingDisabled: true });
  });
  beforeEach(() => at.model.reset());
  afterAll(() => at.stop());

  const agentOn = (named: string, asked?: string[]) =>
    new Agent({
      name: 'Assistant',
      instructions: 'Be brief.',
      model: named === 'vendor' ? at.vendor : named,
      ...(asked ? { tools: [calculator(asked)] } : {}),
    });
  const calculator = (asked: string[]) =>
    tool({
      name: 'calculator',
      description: 'Evaluates arithmetic exactly',
      parameters: sumArguments,
      execute: ({ expression }) => {
        asked.push(expression);
        return '144';
      },
    });

  it.each(['vendor', 'builtin/extractive', 'agent/helper'])('answers, streamed and not: %s', async (named) => {
    at.model.otherwise({ text: 'It is 144.' });
    const { finalOutput } = await runner.run(agentOn(named), SUM_QUESTION);
    expect(finalOutput).toBeTruthy();
    const streamed = await runner.run(agentOn(named), SUM_QUESTION, { stream: true });
    const heard = await joined(streamed.toTextStream() as AsyncIterable<string>);
    await streamed.completed;
    expect([heard, streamed.finalOutput]).toEqual([finalOutput, finalOutput]);
  });

  it.each(['vendor', 'builtin/extractive'])('calls tools, streamed and not: %s', async (named) => {
    at.model.script(asksTool, { text: 'It is 144.' }, asksTool, { text: 'It is 144.' });
    const asked: string[] = [];
    const { finalOutput } = await runner.run(agentOn(named, asked), SUM_QUESTION);
    expect(finalOutput).toContain('144');
    const streamed = await runner.run(agentOn(named, asked), SUM_QUESTION, { stream: true });
    await streamed.completed;
    expect(streamed.finalOutput).toContain('144');
    expect(asked).toHaveLength(2);
  });

  it.each(['vendor', 'agent/summer'])('gives its output the form that is asked for: %s', async (named) => {
    at.model.otherwise({ text: '{"answer":144}' });
    const { model, instructions } = agentOn(named);
    const agent = new Agent({ name: 'Summer', instructions: instructions as string, model, outputType: sum });
    expect((await runner.run(agent, SUM_QUESTION)).finalOutput).toEqual({ answer: 144 });
  });
});
