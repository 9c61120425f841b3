import { gatherText } from './text-parts.js';

const image = { type: 'image', mediaType: 'image/png', url: 'https://example.org/a.png' };
const said = (text: unknown) => ({ type: 'text', text });

describe('texts among the parts of an input', () => {
  it.each([
    [{ parts: [said('a')] }, { text: 'a' }],
    [{ parts: [said('a'), image, said('b')] }, { text: 'a\n\nb', parts: [image] }],
    [
      { text: 'first', parts: [said('a')], data: 1 },
      { text: 'first\n\na', data: 1 },
    ],
  ])('become its text: %j', (input, expected) => expect(gatherText(input)).toEqual(expected));

  it.each([
    [{ text: 'a' }],
    [{ parts: [image] }],
    [{ parts: [said(1)] }],
    [{ parts: [{ ...said('a'), url: 'x' }] }],
    [{ parts: [null, 'a'] }],
    [{ text: 1, parts: [said('a')] }],
    [{ parts: 'a' }],
  ])('are left as they are where something else is wrong, or there are none: %j', (input) => {
    const before = structuredClone(input);
    expect(gatherText(input)).toEqual(before);
  });
});
