import fc from 'fast-check';
import { sentences } from './sentences.js';

const split = (text: string) => sentences(text).map(({ start, end }) => text.slice(start, end));

describe('sentences', () => {
  it('separates sentences and trims the space between them', () => {
    expect(split('Open at nine.  Closed on Sunday!')).toEqual(['Open at nine.', 'Closed on Sunday!']);
  });

  it('keeps a wrapped sentence whole, line break included', () => {
    const text = 'The boundary layer on a flat plate in supersonic flow\nis thin near the edge. It grows.';
    expect(split(text)).toEqual([
      'The boundary layer on a flat plate in supersonic flow\nis thin near the edge.',
      'It grows.',
    ]);
  });

  it('leaves headings out and list markers off', () => {
    expect(split('# Returns\n\n- Within 30 days\n- In the box\n1. Print the label\n')).toEqual([
      'Within 30 days',
      'In the box',
      'Print the label',
    ]);
  });

  it('does not run a short title line into the text below it', () => {
    expect(split('Opening hours\nWe open at nine.')).toEqual(['Opening hours', 'We open at nine.']);
  });

  it('does not end a sentence at an abbreviation', () => {
    expect(split('Ask Dr. Smith about it. He knows.')).toEqual(['Ask Dr. Smith about it.', 'He knows.']);
  });

  it('ends sentences in lower case too, as old abstracts and chats have them', () => {
    expect(split('the flow is steady . it was measured, e.g. at mach 3.5. results by smith et al. agree .')).toEqual([
      'the flow is steady .',
      'it was measured, e.g. at mach 3.5.',
      'results by smith et al. agree .',
    ]);
  });

  it('takes each table row for itself and skips rules without words', () => {
    expect(split('| Plan | Price |\n|---|---|\n| Basic | 9 EUR |')).toEqual(['Plan | Price', 'Basic | 9 EUR']);
  });

  it('cuts what has no full stops into pieces of bearable length', () => {
    const text = JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, `value ${i}`])));
    expect(split(text).length).toBeGreaterThan(2);
    expect(Math.max(...split(text).map((piece) => piece.length))).toBeLessThanOrEqual(500);
  });

  it('gives ordered spans inside the text that never overlap and hold a letter or digit, for any text', () => {
    const line = fc.oneof(fc.string({ unit: 'grapheme' }), fc.lorem({ mode: 'sentences' }), fc.constant('# Title'));
    fc.assert(
      fc.property(
        fc.array(line).map((lines) => lines.join('\n')),
        (text) => {
          let end = 0;
          for (const span of sentences(text)) {
            expect(span.start).toBeGreaterThanOrEqual(end);
            expect(span.end).toBeGreaterThan(span.start);
            expect(span.end).toBeLessThanOrEqual(text.length);
            expect(text.slice(span.start, span.end)).toMatch(/[\p{L}\p{N}]/u);
            end = span.end;
          }
        },
      ),
    );
  });
});
