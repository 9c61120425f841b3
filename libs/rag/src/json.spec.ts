import fc from 'fast-check';
import { toJsonb } from './json.js';

describe('toJsonb', () => {
  it('replaces half characters, in keys too, and leaves a backslash before such letters alone', () => {
    expect(JSON.parse(toJsonb({ '\ud800': 'a\udc00b', text: '\\ud800', pair: '🙂' }))).toEqual({
      '\ufffd': 'a\ufffdb',
      text: '\\ud800',
      pair: '🙂',
    });
  });

  it('is ordinary JSON for everything well formed', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) =>
        expect(toJsonb(value)).toBe(JSON.stringify(value)),
      ),
    );
  });
});
