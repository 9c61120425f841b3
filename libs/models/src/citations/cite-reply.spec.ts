import fc from 'fast-check';
import type { NumberedPassage } from './passages.js';
import { citeReply } from './cite-reply.js';

const TEXT = 'Returns are accepted within 30 days. Shipping costs 5 EUR. Gift cards never expire.';
const passage = (number: number, text = TEXT, charStart = 100): NumberedPassage => ({
  number,
  chunkId: `chk_${number}`,
  documentId: `doc_${number}`,
  documentTitle: `Document ${number}`,
  text,
  score: 1,
  charStart,
  charEnd: charStart + text.length,
  headingPath: [],
});
const quotes = (text: string, passages = [passage(1), passage(2)]) =>
  citeReply(text, passages).map(({ index, quote }) => [index, quote]);

describe('citeReply', () => {
  it('quotes the sentence that is closest to the claim before the marker, at its offsets', () => {
    const [citation] = citeReply('You pay 5 EUR for shipping [1].', [passage(1)]);
    expect(citation).toEqual({
      index: 1,
      documentId: 'doc_1',
      documentTitle: 'Document 1',
      chunkId: 'chk_1',
      charStart: 137,
      charEnd: 158,
      quote: 'Shipping costs 5 EUR.',
    });
  });

  it('takes several markers behind one claim, joined or apart', () => {
    const shipping = 'Shipping costs 5 EUR.';
    expect(quotes('Shipping is 5 EUR [1][2].')).toEqual([
      [1, shipping],
      [2, shipping],
    ]);
    expect(quotes('Shipping is 5 EUR [1, 2].')).toEqual([
      [1, shipping],
      [2, shipping],
    ]);
  });

  it('gives one passage several quotes when it backs several claims', () => {
    expect(quotes('Shipping is 5 EUR. [1] Gift cards do not expire. [1]')).toEqual([
      [1, 'Shipping costs 5 EUR.'],
      [1, 'Gift cards never expire.'],
    ]);
  });

  it('drops numbers that no passage has, and what is no marker', () => {
    expect(quotes('Shipping is free [7]. See [note] and a[0].')).toEqual([]);
  });

  it('does not work itself to death on an answer made of markers', () => {
    const began = performance.now();
    expect(quotes('Shipping is 5 EUR [1] '.repeat(50_000))).toHaveLength(1);
    expect(quotes('[ 1'.repeat(100_000) + '[1]'.repeat(100_000))).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('finds nothing in an answer without markers', () => {
    expect(quotes('Shipping is 5 EUR.')).toEqual([]);
  });

  it('quotes exact substrings at their offsets for any answer and passage', () => {
    fc.assert(
      fc.property(fc.lorem({ mode: 'sentences' }), fc.string({ unit: 'grapheme' }), fc.nat(500), (prose, noise, at) => {
        const text = `${noise} ${prose}`;
        const document = ' '.repeat(at) + text;
        for (const citation of citeReply(`${prose} [1] ${noise} [1]`, [passage(1, text, at)])) {
          expect(document.slice(citation.charStart, citation.charEnd)).toBe(citation.quote);
        }
      }),
    );
  });
});
