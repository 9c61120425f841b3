import { hostOf } from './find-links.js';

const TOKEN = /[\p{L}\p{N}._-]+|\[[0-9a-f:.]{2,45}\]/giu;

/** The hosts that texts name, in whatever way: every word with a dot in it, and every word behind `//` or `@`. */
export function knownHosts(texts: Iterable<string>): ReadonlySet<string> {
  const hosts = new Set<string>();
  const words = new Set<string>();
  for (const text of texts) {
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      const before = text[index - 1];
      if (token.length <= 300 && (token.includes('.') || token.startsWith('[') || before === '/' || before === '@')) {
        words.add(token.toLowerCase());
      }
    }
  }
  for (const word of words) {
    const name = word.replace(/^[._-]{1,3}|[._-]{1,3}$/g, '');
    // A text may have very many: only other alphabets have to be turned into what browsers write.
    const host = isAscii(name) ? name : hostOf(name);
    if (host !== undefined) hosts.add(host);
  }
  return hosts;
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
