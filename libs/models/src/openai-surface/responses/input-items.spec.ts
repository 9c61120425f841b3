import { AppError } from '@guildhall/sdk';
import { inputItems } from './input-items.js';
import { refuseLooseCalls, toMessages } from './to-messages.js';

const faultOf = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (AppError.is(error)) return error;
  }
  throw new Error('Nothing was refused');
};

describe('items of a response', () => {
  it('take the one full form, with ids of their own where they have none', () => {
    expect(inputItems('Hi')).toEqual([
      {
        id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
        type: 'message',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_text', text: 'Hi' }],
      },
    ]);
    const said = { id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Yes?' }], extra: 1 };
    expect(inputItems([said])).toEqual([
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes?', annotations: [], logprobs: [] }],
      },
    ]);
  });

  it('stay the same when they are read again', () => {
    const items = inputItems([
      { role: 'user', content: [{ type: 'input_image', image_url: 'https://example.org/a.png' }] },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '' },
      { type: 'function_call_output', call_id: 'c1', output: '4' },
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] },
    ]);
    expect(inputItems(items)).toEqual(items);
  });

  it.each<[string, unknown]>([
    ['input', undefined],
    ['input', ''],
    ['input', []],
    ['input[0]', ['Hi']],
    ['input[0].type', [{ type: 'computer_call' }]],
    ['input[0].type', [{ type: 'toString' }]],
    ['input[0].type', [{ type: 'item_reference', id: 'msg_1' }]],
    ['input[0].role', [{ role: 'robot', content: 'Hi' }]],
    ['input[1].content', [{ role: 'user', content: 'Hi' }, { role: 'user' }]],
    ['input[0].content[0]', [{ role: 'user', content: ['Hi'] }]],
    ['input[0].content[0].type', [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }]],
    ['input[0].content[0].type', [{ role: 'system', content: [{ type: 'input_image', image_url: 'data:,' }] }]],
    ['input[0].content[0].type', [{ role: 'assistant', content: [{ type: 'input_text', text: 'Hi' }] }]],
    ['input[0].content[0].text', [{ role: 'user', content: [{ type: 'input_text' }] }]],
    ['input[0].content[0].file_id', [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }]],
    ['input[0].content[0].image_url', [{ role: 'user', content: [{ type: 'input_image', image_url: 'cat' }] }]],
    ['input[0].call_id', [{ type: 'function_call', name: 'f', arguments: '{}' }]],
    ['input[0].name', [{ type: 'function_call', call_id: 'c', arguments: '{}' }]],
    ['input[0].arguments', [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{' }]],
    ['input[0].output', [{ type: 'function_call_output', call_id: 'c' }]],
    ['input[0].summary', [{ type: 'reasoning', summary: 'short' }]],
    ['input[0].content', [{ type: 'reasoning', content: 'long' }]],
  ])('name %s when it is wrong', (path, input) => {
    expect(faultOf(() => inputItems(input))).toMatchObject({ category: 'validation', details: [{ path }] });
  });
});

describe('items in our terms', () => {
  it('join what a model said and the calls it made with it, and leave out what it thought', () => {
    const items = inputItems([
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Sum' },
          { type: 'input_text', text: 'these' },
        ],
      },
      { type: 'reasoning', summary: [] },
      { role: 'assistant', content: 'Well.' },
      { type: 'function_call', call_id: 'c1', name: 'add', arguments: '{"a":1}' },
      { type: 'function_call', call_id: 'c2', name: 'add', arguments: ' ' },
      { type: 'function_call_output', call_id: 'c2', output: '0' },
      { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: '1' }] },
      { type: 'function_call', call_id: 'c3', name: 'end', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c3', output: '' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ]);
    refuseLooseCalls(items);
    expect(toMessages(items)).toEqual([
      { role: 'system', text: 'Be brief.' },
      { role: 'user', text: 'Sum\nthese' },
      {
        role: 'assistant',
        text: 'Well.',
        toolCalls: [
          { id: 'c1', tool: 'add', input: { a: 1 } },
          { id: 'c2', tool: 'add', input: {} },
        ],
      },
      { role: 'tool', callId: 'c2', tool: 'add', output: '0' },
      { role: 'tool', callId: 'c1', tool: 'add', output: '1' },
      { role: 'assistant', text: '', toolCalls: [{ id: 'c3', tool: 'end', input: {} }] },
      { role: 'tool', callId: 'c3', tool: 'end', output: '' },
      { role: 'assistant', text: 'No.' },
    ]);
  });

  it('show pictures, by address or in full', () => {
    const [message] = toMessages(
      inputItems([
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
            { type: 'input_image', image_url: 'https://example.org/a.png' },
          ],
        },
      ]),
    );
    expect(message).toEqual({
      role: 'user',
      text: '',
      parts: [
        { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        { type: 'image', mediaType: 'image/*', url: 'https://example.org/a.png' },
      ],
    });
  });

  it('refuse a call without an answer, and an answer without a call', () => {
    const call = { type: 'function_call', call_id: 'c1', name: 'add', arguments: '{}' };
    const output = { type: 'function_call_output', call_id: 'c1', output: '1' };
    for (const input of [[call], [output], [output, call], [call, output, output]]) {
      expect(faultOf(() => refuseLooseCalls(inputItems(input)))).toMatchObject({ details: [{ path: 'input' }] });
    }
  });

  it('take null for absence', () => {
    const nothing = { id: null, status: null, summary: null, content: null, encrypted_content: null };
    expect(inputItems([{ type: 'reasoning', ...nothing }])).toMatchObject([{ summary: [], content: [] }]);
    const image = { type: 'input_image', image_url: 'https://example.org/a.png', file_id: null, detail: null };
    expect(inputItems([{ type: null, role: 'user', content: [image] }])).toMatchObject([
      { type: 'message', content: [{ type: 'input_image', detail: 'auto' }] },
    ]);
  });
});
