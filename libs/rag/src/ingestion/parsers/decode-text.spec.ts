import { decodeText } from './decode-text.js';

const GERMAN = 'Grüße aus Köln';
const bytesOf = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const codes = (bytes: Buffer, declared = {}) => decodeText(bytes, declared).warnings.map(({ code }) => code);

describe('decodeText', () => {
  it.each([
    ['UTF-8', bytesOf([0xef, 0xbb, 0xbf], GERMAN)],
    ['UTF-16 LE', Buffer.from(`\ufeff${GERMAN}`, 'utf16le')],
    ['UTF-16 BE', Buffer.from(`\ufeff${GERMAN}`, 'utf16le').swap16()],
  ])('goes by the byte order mark of %s before all else, and leaves it out', (_, bytes) => {
    expect(decodeText(bytes, { outside: 'windows-1251', inside: 'gbk' })).toEqual({ text: GERMAN, warnings: [] });
  });

  it('goes by what is declared beside the bytes, then by what they say themselves', () => {
    expect(decodeText(Buffer.from([0xc4, 0xe3]), { outside: 'gbk', inside: 'utf-8' }).text).toBe('你');
    expect(decodeText(Buffer.from([0xe9]), { inside: 'iso-8859-1' }).text).toBe('é');
    expect(decodeText(Buffer.from([0x82, 0xa0]), { outside: 'Shift_JIS' }).text).toBe('あ');
    expect(decodeText(Buffer.from(GERMAN, 'utf16le'), { outside: 'utf-16' }).text).toBe(GERMAN);
  });

  it('fails for a charset that nobody knows, by its name, and passes over one inside', () => {
    expect(() => decodeText(Buffer.from('a'), { outside: 'klingon-8' })).toThrow("'klingon-8' is unknown");
    expect(decodeText(Buffer.from(GERMAN), { inside: 'utf8mb4' }).text).toBe(GERMAN);
  });

  it('believes no declaration that the bytes disprove', () => {
    expect(decodeText(Buffer.from(GERMAN), { inside: 'utf-16' })).toEqual({ text: GERMAN, warnings: [] });
    expect(decodeText(Buffer.from(GERMAN), { outside: 'us-ascii' })).toEqual({ text: GERMAN, warnings: [] });
    expect(decodeText(Buffer.from(GERMAN), { outside: 'utf-16le' }).text).toBe(GERMAN);
    expect(codes(Buffer.from(GERMAN), { outside: 'utf-16le' })).toEqual(['charset_ignored']);
  });

  it('keeps UTF-8 with a few stray bytes, and says how many', () => {
    const { text, warnings } = decodeText(bytesOf(GERMAN, [0xff]));
    expect(text).toBe(`${GERMAN}\ufffd`);
    expect(warnings).toEqual([{ code: 'bytes_replaced', message: expect.stringMatching(/^1 /) }]);
    expect(decodeText(bytesOf([0xc3], GERMAN), { outside: 'utf-8' }).text).toBe(`\ufffd${GERMAN}`);
  });

  it.each([
    ['“h”', [0x93, 0x68, 0x94], 'windows-1252'],
    [
      'Привет мир, как дела',
      [...'\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0, \xea\xe0\xea \xe4\xe5\xeb\xe0'].map((c) => c.charCodeAt(0)),
      'windows-1251',
    ],
    [GERMAN, [...Buffer.from(GERMAN, 'utf16le')], 'utf-16le'],
  ])('guesses %j and names the guess', (text, bytes, name) => {
    const warnings = [{ code: 'encoding_guessed', message: expect.stringContaining(name) }];
    expect(decodeText(Buffer.from(bytes))).toEqual({ text, warnings });
  });

  it('refuses what is binary', () => {
    expect(() => decodeText(Buffer.from('a\0b'))).toThrow('not text');
  });
});
