import fc from 'fast-check';
import { KeyEcho } from './key-echo.js';

const KEY = 'sk-"0123456789/abc';

describe('KeyEcho', () => {
  const seen = (text: string, cuts: readonly number[], key?: string) => {
    const bytes = Buffer.from(text);
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
    const echo = new KeyEcho(key);
    return at.slice(1).some((end, index) => echo.isIn(bytes.subarray(at[index], end)));
  };

  it('finds the key wherever the network cuts it, as it is and as JSON writes it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.array(fc.nat()), fc.boolean(), (before, after, cuts, asJson) => {
        const spelled = asJson ? JSON.stringify(KEY) : KEY;
        expect(seen(before + spelled + after, cuts, KEY)).toBe(true);
      }),
    );
  });

  it('finds nothing where the key is not, however the bytes come', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat()), (text, cuts) => {
        const nearly = `${text}!${KEY.slice(1)}${text}!${KEY.slice(0, -1)}!`;
        expect(seen(nearly, cuts, KEY)).toBe(nearly.includes(KEY));
      }),
    );
  });

  it('takes a word that stands for no key for no secret', () => {
    expect(seen('none', [], 'none')).toBe(false);
    expect(seen('anything', [])).toBe(false);
  });
});
