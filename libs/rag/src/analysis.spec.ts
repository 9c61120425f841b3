import { analysisText, analysisWords, plainWords, queryWords } from './analysis.js';

describe('analysisWords', () => {
  it('takes words and numbers in lower case, whatever stands between them', () => {
    expect(analysisWords('Wing/Body: “High-Speed” don’t B2B')).toEqual([
      'wing',
      'body',
      'high',
      'speed',
      'don',
      't',
      'b2b',
    ]);
  });

  it('unifies forms that look alike, and reads on over signs that nobody sees', () => {
    expect(analysisWords('ｆｕｌｌ ﬁne')).toEqual(['full', 'fine']);
    expect(analysisWords('Ver\u00ADsand\u00ADkosten zero\u200Bwidth \uFEFFmark')).toEqual([
      'versandkosten',
      'zerowidth',
      'mark',
    ]);
  });

  it('adds what a part number, a version, a size or a sign names as a whole to its parts', () => {
    const whole = (text: string) => analysisWords(text).filter((word) => word.startsWith('id0'));
    expect(analysisWords('AB-123/4')).toEqual(['ab', '123', '4', 'id0abz2dz123z2fz4']);
    expect(whole('AB-123/4')).not.toEqual(whole('AB-4/123'));
    for (const text of ['1.2.3', 'C#', 'C++', 'use .NET', '3.5', 'a_1']) expect(whole(text)).toHaveLength(1);
    expect(whole('10 x 15 cm')).toEqual(expect.arrayContaining(whole('10x15')));
    expect(whole('20 cm')).toEqual(whole('20cm'));
    expect(whole('high-speed and/or. Next e.g. words')).toEqual([]);
  });

  it('adds words with accents a second time without, as another word than one written so', () => {
    expect(analysisWords('résumé')).toEqual(['résumé', 'xqresume']);
    expect(analysisWords('coração Straße Łódź')).toEqual(expect.arrayContaining(['xqcoracao', 'xqstrasse', 'xqlodz']));
    expect(analysisWords('हिन्दी')).toEqual(['हिन्दी']);
  });

  it('turns unspaced scripts into bigrams and longer words', () => {
    expect(analysisWords('東京都')).toEqual(expect.arrayContaining(['東京', '京都']));
    expect(analysisWords('GPTは便利')).toEqual(expect.arrayContaining(['gpt', '便利']));
    expect(analysisWords('字')).toEqual(['字']);
    expect(analysisWords('ภาษาไทย').length).toBeGreaterThan(3);
  });

  it('parts a Korean word from its particle', () => {
    const indexed = new Set(analysisWords('배송비는 3000원'));
    for (const word of plainWords('배송비').filter((one) => one.length === 2)) expect(indexed).toContain(word);
  });

  it('cuts what is no word any more', () => {
    expect(analysisText('x'.repeat(5000))).toHaveLength(100);
  });
});

describe('queryWords', () => {
  const weights = (text: string) => Object.fromEntries(queryWords(text).map(({ word, weight }) => [word, weight]));

  it('looks for each word as it is written, and less for how it may be written', () => {
    expect(weights('resume')).toEqual({ resume: 1, xqresume: 0.5 });
    expect(weights('résumé')).toEqual({ résumé: 1, xqresume: 0.5, resume: 0.5 });
    expect(weights('wing wing')).toMatchObject({ wing: 2 });
  });

  it('weighs an identifier more than its parts', () => {
    expect(weights('AB-123/4')).toMatchObject({ id0abz2dz123z2fz4: 3, ab: 1 });
  });

  it('cuts the longest queries behind the words said first', () => {
    expect(queryWords('a b c a', 4).map(({ word }) => word)).toEqual(['a', 'xqa', 'b', 'xqb']);
  });
});
