import type { ModelCall, ModelMessage } from '@guildhall/sdk';
import { toCallOptions } from './call-options.js';
import { ToolNames } from './tool-names.js';

const { signal } = new AbortController();
const optionsOf = (more: Partial<ModelCall>) =>
  toCallOptions({ model: 'm', messages: [], signal, ...more }, [], new ToolNames(more.tools), signal);
const promptOf = (...messages: ModelMessage[]) => optionsOf({ messages }).prompt;

describe('toCallOptions', () => {
  it('puts all that the system says first, in one message', () => {
    const system = (text: string) => ({ role: 'system', text }) as const;
    expect(promptOf(system('a'), { role: 'user', text: 'hi' }, system('b'))).toEqual([
      { role: 'system', content: 'a\n\nb' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ]);
  });

  it('leaves out what is empty: turns in which nothing was said, and the text beside an image', () => {
    const parts = [{ type: 'image', mediaType: 'image/png', data: 'aGk=' } as const];
    const prompt = promptOf({ role: 'assistant', text: '' }, { role: 'user', text: '', parts });
    expect(prompt).toEqual([
      { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'aGk=' } }] },
    ]);
  });

  it('keeps the name of a file', () => {
    const parts = [
      { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', url: 'https://x.example/a.pdf' } as const,
    ];
    expect(promptOf({ role: 'user', text: 'see', parts })[0]?.content[1]).toEqual({
      type: 'file',
      mediaType: 'application/pdf',
      filename: 'a.pdf',
      data: { type: 'url', url: new URL('https://x.example/a.pdf') },
    });
  });

  it('asks for a schema to the letter only where vendors take it so', () => {
    const closed = { type: 'object', properties: {}, required: [], additionalProperties: false };
    expect(optionsOf({ responseSchema: closed }).providerOptions?.['openai']).toEqual({ strictJsonSchema: true });
    const open = optionsOf({ responseSchema: { type: 'object' } });
    expect(open.providerOptions).toEqual({
      openai: { strictJsonSchema: false },
      openaiCompatible: { strictJsonSchema: false },
    });
    expect(open.responseFormat).toEqual({ type: 'json', schema: { type: 'object' } });
  });

  it('sends nothing that was not asked for', () => {
    expect(Object.keys(optionsOf({})).toSorted()).toEqual(['abortSignal', 'prompt']);
  });
});
