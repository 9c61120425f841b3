import { countWords, prepareTerms, withRepairs } from './query-terms.js';

describe('query terms', () => {
  it('counts how often a word is said and cuts the longest queries behind the words said first', () => {
    expect([...countWords(['a', 'b', 'a', 'c', 'a'], 2)]).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
  });

  it('adds up words of one stem', () => {
    const counts = new Map([
      ['wings', 1],
      ['wing', 2],
    ]);
    const readings = ['wings', 'wing'].map((word) => ({ word, term: 'wing', df: 1 }));
    expect(prepareTerms(counts, readings)).toEqual({ terms: [{ term: 'wing', weight: 3, df: 1 }], unknown: [] });
  });

  it('counts a reading that two languages share once', () => {
    const reading = { word: 'auto', term: 'auto', df: 1 };
    expect(prepareTerms(new Map([['auto', 1]]), [reading, reading]).terms).toEqual([
      { term: 'auto', weight: 1, df: 1 },
    ]);
  });

  it('calls a word unknown only when no language knows a reading of it', () => {
    const counts = new Map([
      ['running', 1],
      ['qwert', 1],
    ]);
    const readings = [
      { word: 'running', term: 'run', df: 1 },
      { word: 'running', term: 'running', df: 0 },
      { word: 'qwert', term: 'qwert', df: 0 },
    ];
    expect(prepareTerms(counts, readings)).toEqual({
      terms: [{ term: 'run', weight: 1, df: 1 }],
      unknown: [{ term: 'qwert', weight: 1, df: 0 }],
    });
  });

  it('weighs a repaired term by its likeness, and drops what cannot be repaired', () => {
    const prepared = {
      terms: [{ term: 'wing', weight: 1, df: 7 }],
      unknown: [
        { term: 'wnig', weight: 2, df: 0 },
        { term: 'zzzz', weight: 1, df: 0 },
      ],
    };
    expect(withRepairs(prepared, new Map([['wnig', { term: 'wing', similarity: 0.5 }]]))).toEqual([
      { term: 'wing', weight: 2, df: 7 },
    ]);
  });
});
