import fc from 'fast-check';
import { splitTerms } from './split-terms.js';

const term = (name: string, df: number) => ({ term: name, weight: 1, df, family: name });

describe('splitTerms', () => {
  it('takes the rarest terms within the budget', () => {
    const { finding, adding } = splitTerms([term('the', 90), term('wing', 5), term('flow', 40)], 50);
    expect([finding, adding].map((terms) => terms.map(({ term }) => term))).toEqual([['wing', 'flow'], ['the']]);
  });

  it('takes one term even beyond it', () => {
    expect(splitTerms([term('the', 90)], 50).finding).toHaveLength(1);
  });

  it('loses no term, and finds by none that is more common than one that only adds', () => {
    const terms = fc.array(fc.nat(100).map((df) => term(String(df), df)));
    fc.assert(
      fc.property(terms, fc.nat(300), (all, budget) => {
        const { finding, adding } = splitTerms(all, budget);
        expect([...finding, ...adding]).toHaveLength(all.length);
        const rarest = Math.min(...adding.map(({ df }) => df));
        for (const { df } of finding) expect(df).toBeLessThanOrEqual(rarest);
        if (finding.length > 1) expect(finding.reduce((sum, { df }) => sum + df, 0)).toBeLessThanOrEqual(budget);
      }),
    );
  });
});
