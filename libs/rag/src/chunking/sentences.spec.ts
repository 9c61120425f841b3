import fc from 'fast-check';
import { sentencesOf } from './sentences.js';

const sentences = (text: string) => [...sentencesOf(text)].map(({ start, end }) => text.slice(start, end));

describe('sentencesOf', () => {
  it('splits prose at its sentences, across hard-wrapped lines', () => {
    expect(sentences('Returns are free.\nYou have thirty\ndays! Why? Because.')).toEqual([
      'Returns are free.',
      'You have thirty\ndays!',
      'Why?',
      'Because.',
    ]);
  });

  it('does not end a sentence at an abbreviation or an initial', () => {
    expect(sentences('Dr. Smith met J. Doe, e.g. Monday. They left.')).toEqual([
      'Dr. Smith met J. Doe, e.g. Monday.',
      'They left.',
    ]);
  });

  it('keeps list marks at the beginning of a line apart', () => {
    expect(sentences('Bring:\n- a pen\n- a book')).toEqual(['Bring:', '- a pen', '- a book']);
  });

  it('splits languages without spaces', () => {
    expect(sentences('これは本です。それはペンです。')).toEqual(['これは本です。', 'それはペンです。']);
  });

  it('holds every character that is not white space, in order and once, within the range asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.nat(10), (text, from) => {
        const start = Math.min(from, text.length);
        const found = [...sentencesOf(text, start)];
        expect(
          found
            .map((s) => text.slice(s.start, s.end))
            .join('')
            .replace(/\s/g, ''),
        ).toBe(text.slice(start).replace(/\s/g, ''));
      }),
    );
  });

  it('goes through a paragraph of megabytes in windows', () => {
    const text = 'word '.repeat(200_000) + 'end. Next one.';
    const found = [...sentencesOf(text)];
    expect(text.slice(found.at(-1)!.start)).toBe('Next one.');
  });
});
