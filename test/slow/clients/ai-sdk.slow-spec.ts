import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { type LanguageModel, Output, generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { type ClientHouse, SUM_QUESTION, asksTool, clientHouse, joined, sum, sumArguments } from './client-house.js';

const ROUTES = ['chat completions', 'responses', 'openai-compatible'] as const;

describe('the ai package, unmodified', () => {
  let at: ClientHouse;

  beforeAll(async () => {
    at = await clientHouse();
  });
  beforeEach(() => at.model.reset());
  afterAll(() => at.stop());

  const modelOf = (route: (typeof ROUTES)[number], named: string): LanguageModel => {
    const settings = { baseURL: at.baseURL, apiKey: at.house.apiKey };
    const name = named === 'vendor' ? at.vendor : named;
    if (route === 'chat completions') return createOpenAI(settings).chat(name);
    if (route === 'responses') return createOpenAI(settings).responses(name);
    return createOpenAICompatible({ ...settings, name: 'guildhall', supportsStructuredOutputs: true })(name);
  };
  const calculator = (asked: string[]) =>
    tool({
      description: 'Evaluates arithmetic exactly',
      inputSchema: sumArguments,
      execute: ({ expression }) => {
        asked.push(expression);
        return '144';
      },
    });

  describe.each(ROUTES)('over %s', (route) => {
    it.each(['vendor', 'builtin/extractive', 'agent/helper'])('generates and streams text: %s', async (named) => {
      const model = modelOf(route, named);
      at.model.otherwise({ text: 'It is 144.' });
      const { text, usage } = await generateText({ model, prompt: SUM_QUESTION, system: 'Be brief.' });
      expect(text).not.toBe('');
      expect(usage.totalTokens).toBeGreaterThan(0);
      const streamed = streamText({ model, prompt: SUM_QUESTION, system: 'Be brief.' });
      expect(await joined(streamed.textStream)).toBe(text);
      expect(await streamed.finishReason).toBe('stop');
    });

    it.each(['vendor', 'agent/summer'])('generates objects: %s', async (named) => {
      const model = modelOf(route, named);
      at.model.otherwise({ text: '{"answer":144}' });
      expect((await generateObject({ model, prompt: SUM_QUESTION, schema: sum })).object).toEqual({ answer: 144 });
      const { output } = await generateText({ model, prompt: SUM_QUESTION, output: Output.object({ schema: sum }) });
      expect(output).toEqual({ answer: 144 });
    });

    it.each(['vendor', 'builtin/extractive'])('goes through several steps with tools: %s', async (named) => {
      const model = modelOf(route, named);
      const asked: string[] = [];
      const options = {
        model,
        prompt: SUM_QUESTION,
        tools: { calculator: calculator(asked) },
        stopWhen: stepCountIs(4),
      };
      at.model.script(asksTool, { text: 'It is 144.' }, asksTool, { text: 'It is 144.' });
      const { text, steps } = await generateText(options);
      expect([steps.length, asked.length]).toEqual([2, 1]);
      expect(text).toContain('144');
      const streamed = streamText(options);
      expect(await joined(streamed.textStream)).toContain('144');
      expect([(await streamed.steps).length, asked.length]).toEqual([2, 2]);
    });
  });
});
