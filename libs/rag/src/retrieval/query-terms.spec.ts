import { prepareTerms, withCompounds, withRepairs } from './query-terms.js';

const written = (word: string, weight = 1, of = word) => ({ word, weight, of });
const term = (name: string, weight = 1, df = 0, family = name) => ({ term: name, weight, df, family });

describe('query terms', () => {
  it('adds up words of one stem', () => {
    const words = [written('wings'), written('wing', 2)];
    const readings = ['wings', 'wing'].map((word) => ({ word, term: 'wing', df: 1 }));
    expect(prepareTerms(words, readings)).toEqual({ terms: [term('wing', 3, 1)], unknown: [] });
  });

  it('counts a reading that two languages share once', () => {
    const reading = { word: 'auto', term: 'auto', df: 1 };
    expect(prepareTerms([written('auto')], [reading, reading]).terms).toEqual([term('auto', 1, 1)]);
  });

  it('calls a word unknown only when no language knows a reading of it', () => {
    const readings = [
      { word: 'running', term: 'run', df: 1 },
      { word: 'running', term: 'running', df: 0 },
      { word: 'qwert', term: 'qwert', df: 0 },
    ];
    expect(prepareTerms([written('running'), written('qwert')], readings)).toEqual({
      terms: [term('run', 1, 1)],
      unknown: [term('qwert')],
    });
  });

  it('takes a word for known when one of its forms is, and the form for one of its family', () => {
    const words = [written('resume'), written('xqresume', 0.5, 'resume')];
    const readings = [
      { word: 'resume', term: 'resum', df: 0 },
      { word: 'xqresume', term: 'xqresum', df: 1 },
    ];
    expect(prepareTerms(words, readings)).toEqual({ terms: [term('xqresum', 0.5, 1, 'resum')], unknown: [] });
  });

  it('weighs a repaired term by its likeness, and drops what cannot be repaired', () => {
    const prepared = { terms: [term('wing', 1, 7)], unknown: [term('wnig', 2), term('zzzz')] };
    expect(withRepairs(prepared, new Map([['wnig', { term: 'wing', similarity: 0.5 }]]))).toEqual([term('wing', 2, 7)]);
  });

  it('weighs a compound less than the word it holds, as common as both, and takes the word for no misspelling', () => {
    const prepared = { terms: [term('porto', 1, 3)], unknown: [term('versandkost')] };
    const compounds = [{ part: 'versandkost', term: 'versandkostenpauschal' }];
    const { terms, unknown } = withCompounds(prepared, compounds);
    expect(unknown).toEqual([]);
    expect(terms).toEqual([term('porto', 1, 3), term('versandkostenpauschal', 0.2, 0, 'versandkost')]);
  });
});
