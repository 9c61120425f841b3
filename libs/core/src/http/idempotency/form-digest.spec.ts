import { FormDigest } from './form-digest.js';

const formOf = (boundary: string, ...parts: string[]) =>
  parts.map((part) => `--${boundary}\r\n\r\n${part}\r\n`).join('') + `--${boundary}--\r\n`;

function digestOf(form: string, boundary: string, pieceLength = form.length): string {
  const digest = new FormDigest(Buffer.from(boundary));
  for (let at = 0; at < form.length; at += pieceLength) digest.update(Buffer.from(form.slice(at, at + pieceLength)));
  return digest.digest();
}

describe('FormDigest', () => {
  it('is the same for the same parts, whatever the boundary is and in whatever pieces they come', () => {
    const form = formOf('x1', 'title', 'x12x1x');
    const whole = digestOf(form, 'x1');
    for (const length of [1, 2, 3, 7]) expect(digestOf(form, 'x1', length)).toBe(whole);
    const one = digestOf(formOf('aaaa', 'title', 'text'), 'aaaa');
    for (const length of [1, 3, 5]) expect(digestOf(formOf('bcdefg', 'title', 'text'), 'bcdefg', length)).toBe(one);
  });

  it('is another for other bytes of the same length, and for parts cut elsewhere', () => {
    const forms = [
      formOf('b', 'aa', 'cd'),
      formOf('b', 'aa', 'ce'),
      formOf('b', 'a', 'acd'),
      formOf('b', 'aa--', 'cd'),
    ];
    expect(new Set(forms.map((form) => digestOf(form, 'b'))).size).toBe(forms.length);
  });
});
