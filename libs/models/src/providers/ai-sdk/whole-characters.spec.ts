import fc from 'fast-check';
import { WholeCharacters } from './whole-characters.js';

describe('WholeCharacters', () => {
  it('says all of a text in whole characters, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat()), (text, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
        const characters = new WholeCharacters();
        const pieces = at.slice(1).map((end, index) => characters.take(text.slice(at[index], end)));
        expect(pieces.join('') + characters.rest()).toBe(text);
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
      }),
    );
  });

  it('gives half a character back that never became whole', () => {
    const characters = new WholeCharacters();
    expect(characters.take('a\ud83d')).toBe('a');
    expect(characters.rest()).toBe('\ud83d');
  });
});
