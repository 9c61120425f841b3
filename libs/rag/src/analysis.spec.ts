import { analysisText, analysisWords } from './analysis.js';

describe('analysisWords', () => {
  it('takes words and numbers in lower case, whatever stands between them', () => {
    expect(analysisWords('Wing/Body: “High-Speed” don’t 3.5 B2B')).toEqual([
      'wing',
      'body',
      'high',
      'speed',
      'don',
      't',
      '3',
      '5',
      'b2b',
    ]);
  });

  it('unifies forms that look alike', () => {
    expect(analysisWords('ｆｕｌｌ ﬁne')).toEqual(['full', 'fine']);
  });

  it('turns unspaced scripts into bigrams and longer words', () => {
    expect(analysisWords('東京都')).toEqual(expect.arrayContaining(['東京', '京都']));
    expect(analysisWords('GPTは便利')).toEqual(expect.arrayContaining(['gpt', '便利']));
    expect(analysisWords('字')).toEqual(['字']);
    expect(analysisWords('ภาษาไทย').length).toBeGreaterThan(3);
  });

  it('cuts what is no word any more', () => {
    expect(analysisText('x'.repeat(5000))).toHaveLength(100);
  });
});
