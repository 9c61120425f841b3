import type { Passage } from '@guildhall/sdk';
import { phrasesFirst, phrasesIn } from './query-phrases.js';

const hit = (text: string, score: number) =>
  ({ text, score, documentTitle: 'Handbook', headingPath: [], ranks: { lexical: 9 } }) as unknown as Passage;

describe('phrases of a query', () => {
  it.each([
    ['the "dry clean" rule', 1],
    ['“dry clean” and „nass waschen“ and «laver à sec»', 3],
    ['a "word" alone', 0],
    ['an open "quote', 0],
    ['no quote', 0],
  ])('%s: %d', (query, count) => {
    expect(phrasesIn(query)).toHaveLength(count);
  });

  it('come first where a chunk says them in order, whatever stands between the words', () => {
    const hits = [hit('clean the dry rack', 5), hit('Dry-\nClean only', 2), hit('nothing', 1)];
    const ranked = phrasesFirst(hits, phrasesIn('"dry clean"'));
    expect(ranked.map(({ text }) => text)).toEqual(['Dry-\nClean only', 'clean the dry rack', 'nothing']);
    expect(ranked.map(({ ranks }) => ranks.lexical)).toEqual([1, 2, 3]);
    expect(ranked[0]!.score).toBeGreaterThan(ranked[1]!.score);
  });
});
