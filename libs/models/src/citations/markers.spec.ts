import { annotationsOf } from '../openai-surface/responses/output-items.js';
import { sentences } from '../text/sentences.js';
import { citeReply } from './cite-reply.js';
import { markersIn, withoutMarkersAtEnd } from './markers.js';
import type { NumberedPassage } from './passages.js';

describe('markersIn', () => {
  it('finds numbers in brackets, several in one, and nothing else', () => {
    expect([...markersIn('a [1], b [2, 13][4] c [x] [1234] [] [5')]).toEqual([
      { at: 2, numbers: [1] },
      { at: 9, numbers: [2, 13] },
      { at: 16, numbers: [4] },
    ]);
  });
});

describe('withoutMarkersAtEnd', () => {
  it.each([
    ['It is so [1] [2, 3]. ', 'It is so [1] [2, 3].'],
    ['It is so [1] [2, 3]\n', 'It is so'],
    ['See a[b] ', 'See a[b]'],
    ['] [1]', ']'],
  ])('%j → %j', (text, without) => {
    expect(withoutMarkersAtEnd(text)).toBe(without);
  });
});

describe('a reply', () => {
  const passage: NumberedPassage = {
    number: 1,
    chunkId: 'chk_1',
    documentId: 'doc_1',
    documentTitle: 'D',
    text: 'It is so.',
    score: 1,
    charStart: 0,
    charEnd: 9,
    headingPath: [],
  };
  const [citation] = citeReply('So [1].', [passage]);

  it.each<[what: string, text: (n: number) => string]>([
    ['numbers in a bracket', (n) => `[${'1,'.repeat(n / 2)}`],
    ['numbers in a marker', (n) => `[${'1,'.repeat(n / 2)}1]`],
    ['brackets', (n) => '[1'.repeat(n / 2)],
    ['spaces before a marker', (n) => `a${' '.repeat(n)}[1]`],
    ['bars', (n) => `a${'|'.repeat(n)}b`],
    ['separators of lines', (n) => `a${'\u2028'.repeat(n)}b`],
  ])('with many %s is cited in time that grows with its length', (_, text) => {
    const work = (n: number) =>
      fastest(() => [citeReply(text(n), [passage]), annotationsOf(text(n), [citation!]), sentences(text(n))]);
    work(20_000);
    // Quadratic would be 256, each time; what else the machine does comes and goes.
    const isLinear = () => work(320_000) / Math.max(work(20_000), 2) < 64;
    expect([1, 2, 3].some(isLinear)).toBe(true);
  });
});

/** The least of several times: what else the machine does only ever adds. */
function fastest(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
