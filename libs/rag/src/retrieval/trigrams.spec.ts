import { isRepairable, trigramsOf } from './trigrams.js';

describe('trigrams', () => {
  it('are those of pg_trgm', () => {
    expect(trigramsOf('cat')).toEqual(['  c', ' ca', 'cat', 'at ']);
  });

  it('are distinct and count characters, not code units', () => {
    expect(trigramsOf('aaaa')).toEqual(['  a', ' aa', 'aaa', 'aa ']);
    expect(trigramsOf('🙂')).toEqual(['  🙂', ' 🙂 ']);
  });

  it('repair words, not numbers, codes or scraps', () => {
    expect(['wing', 'win', 'a380', '12345', 'x'.repeat(41)].map(isRepairable)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
