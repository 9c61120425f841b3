const isWide = (code: number): boolean =>
  (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x2e80 && code <= 0xd7ff) || (code >= 0xf900 && code <= 0xfaff);
const isSpace = (code: number): boolean => code <= 32 || code === 0xa0 || (code >= 0x2000 && code <= 0x200b);
const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code >= 0xc0;

/**
 * An estimate of a model's tokens, near enough to size chunks: up to six letters of a word are one token, a mark of
 * punctuation is one, and so is a character of a script without spaces.
 */
export function countTokens(text: string, start = 0, end = text.length): number {
  let tokens = 0;
  let letters = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isWide(code) || isSpace(code) || !isWord(code)) {
      tokens += Math.ceil(letters / 6) + (isSpace(code) ? 0 : 1);
      letters = 0;
    } else {
      letters++;
    }
  }
  return tokens + Math.ceil(letters / 6);
}
