import fc from 'fast-check';
import { toJsonText } from './json-text.js';

/** Without escaped backslashes, what still looks like an escape is one. */
function storable(json: string): boolean {
  return !/\\u0000|\\ud[89a-f]/i.test(json.replaceAll('\\\\', ''));
}

describe('toJsonText', () => {
  it('is plain JSON for plain values', () => {
    const value = { text: 'Grüße 👋 \\ud800 "quoted"\n', list: [1, null, true], nested: { a: undefined } };
    expect(toJsonText(value)).toBe(JSON.stringify(value));
  });

  it('drops NUL and mends half characters, in values and in keys', () => {
    const text = toJsonText({ 'k\0ey': ['a\0b', { deep: 'x\ud800y\udc00' }] });
    expect(JSON.parse(text)).toEqual({ key: ['ab', { deep: 'x\ufffdy\ufffd' }] });
  });

  it('never holds what Postgres refuses, whatever comes in', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\0', '\ud83d', '\udc4b', '\\u0000', '\\ud800'),
    );
    const text = fc.array(part).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text)), (value) => {
        expect(storable(toJsonText(value))).toBe(true);
      }),
    );
  });
});
