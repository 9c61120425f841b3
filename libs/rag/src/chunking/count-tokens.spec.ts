import { countTokens } from './count-tokens.js';

describe('countTokens', () => {
  it.each([
    ['', 0],
    ['hello', 1],
    ['hello, world', 3],
    ['internationalisation', 4],
    ['日本語', 3],
    ['  a \n b ', 2],
  ])('estimates %j as %i', (text, tokens) => {
    expect(countTokens(text)).toBe(tokens);
  });

  it('counts a range alone', () => {
    expect(countTokens('one two three', 4, 7)).toBe(1);
  });
});
