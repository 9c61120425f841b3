import type { ModelMessage } from '@guildhall/sdk';
import { withInputData } from './input-data.js';

const BLOCK = '```json\n{\n  "order": 7\n}\n```';

describe('withInputData', () => {
  it('makes of data alone the whole message', () => {
    expect(withInputData([{ role: 'user', text: '' }], { order: 7 })).toEqual([{ role: 'user', text: BLOCK }]);
  });

  it('sets data below what was said in this run, and leaves the rest as it is', () => {
    const before: ModelMessage[] = [
      { role: 'user', text: 'Hello' },
      { role: 'assistant', text: 'Hi' },
    ];
    const after: ModelMessage[] = [{ role: 'assistant', text: 'Let me see.' }];
    const image = { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' };
    const asked = { role: 'user' as const, text: 'Check this', parts: [image] };
    expect(withInputData([...before, asked, ...after], { order: 7 })).toEqual([
      ...before,
      { ...asked, text: `Check this\n\n${BLOCK}` },
      ...after,
    ]);
  });

  it.each([undefined, null])('adds nothing where there is %s', (data) => {
    const messages: ModelMessage[] = [{ role: 'user', text: 'Hello' }];
    expect(withInputData(messages, data)).toEqual(messages);
  });

  it.each([[0], [false], [['a']]])('takes %j for data', (data) => {
    expect(withInputData([], data)).toEqual([
      { role: 'user', text: `\`\`\`json\n${JSON.stringify(data, null, 2)}\n\`\`\`` },
    ]);
  });
});
