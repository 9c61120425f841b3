import { type FoundLink, findLinks } from './find-links.js';

/** Nobody reads more, and what is removed is removed all the same. */
const MAX_TOLD = 100;
const REMOVED = '[link removed]';

export interface CheckedText {
  readonly text: string;
  /** Each once, in the order of the text. */
  readonly untrusted: readonly string[];
}

/** Finds the links of a text to hosts that `known` does not name; with `remove`, the text that comes back has none. */
export function checkLinks(text: string, known: () => ReadonlySet<string>, remove: boolean): CheckedText {
  const [shown, decoded] = [findLinks(text), decode(text)];
  const read = decoded === text ? [] : findLinks(decoded);
  if (shown.length === 0 && read.length === 0) return { text, untrusted: [] };
  const hosts = known();
  const isUntrusted = ({ host }: FoundLink) => host === undefined || !hosts.has(host);
  const [plain, hidden] = [shown.filter(isUntrusted), read.filter(isUntrusted)];
  const told = hidden.length === 0 ? plain : [...hidden, ...withoutHostsOf(hidden, plain)];
  const untrusted = [...new Set(told.map(({ url }) => url))].slice(0, MAX_TOLD);
  if (!remove || untrusted.length === 0) return { text, untrusted };
  // What hides behind escapes cannot be cut out of the text as it is: it is given as a renderer would read it.
  const inSight = new Set(plain.map(({ url }) => url));
  const isAllInSight = hidden.every(({ url }) => inSight.has(url));
  return { text: isAllInSight ? cut(text, plain) : cut(decoded, hidden), untrusted };
}

function withoutHostsOf(known: readonly FoundLink[], links: readonly FoundLink[]): FoundLink[] {
  const hosts = new Set(known.map(({ host }) => host));
  return links.filter(({ host }) => !hosts.has(host));
}

function cut(text: string, links: readonly FoundLink[]): string {
  let kept = '';
  let at = 0;
  for (const { start, end } of links) {
    if (end <= at) continue;
    kept += `${text.slice(at, Math.max(at, start))}${REMOVED}`;
    at = end;
  }
  return kept + text.slice(at);
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['colon', ':'],
  ['sol', '/'],
  ['bsol', '\\'],
  ['period', '.'],
  ['commat', '@'],
  ['tab', '\t'],
  ['newline', '\n'],
]);

/** As renderers read it: without backslash escapes and entities, and, within tags, without the line breaks that URLs lose. */
function decode(text: string): string {
  return text
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{3,8}));?/gi, (whole, decimal, hex, name?: string) => {
      if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? whole;
      const code = decimal ? Number(decimal) : parseInt(String(hex), 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replace(/<[^<>]{0,4000}>/g, (tag) => tag.replace(/[\t\r\n]/g, ''));
}
