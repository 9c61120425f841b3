/** A link in a text: where it stands, and the host that it leads to, as a browser reads it. */
export interface FoundLink {
  readonly start: number;
  readonly end: number;
  readonly url: string;
  /** Undefined: it leads to no host, and does something all the same (`javascript:`, `data:`). */
  readonly host: string | undefined;
}

/** Longer authorities name no host, and longer URLs are told by their beginning. */
const WINDOW = 1_000;
const START = new RegExp(
  [
    // As browsers read them: with any slashes, or none at all.
    String.raw`(?<![a-z0-9+.-])(?:https?|wss?|ftp):[/\\]*`,
    String.raw`(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/`,
    String.raw`(?<![a-z0-9+.-])(?:javascript|vbscript|data|blob|file|mailto):(?=\S)`,
    // Relative to the page's scheme.
    String.raw`(?<![\w:/\\.])[/\\]{2,}`,
    String.raw`(?<![\w.@/\\-])www\.`,
  ].join('|'),
  'gi',
);
/** What ends a URL wherever it stands; brackets and stars may be part of a user name before the host. */
const HARD_END = /[\s<>"'`]/;
const SOFT_END = /[\s<>"'`()[\]{}|*,;!]/;
const END_OF_AUTHORITY = /[\s<>"'`/\\?#]/;

/**
 * Every link that a renderer of Markdown or HTML may follow: of images, anchors, references and styles, bare ones and
 * ones relative to the scheme. By their letters and not by any grammar, because each renderer has one of its own.
 */
export function findLinks(text: string): FoundLink[] {
  const links: FoundLink[] = [];
  let covered = 0;
  for (const { 0: prefix, index: start } of text.matchAll(START)) {
    if (start < covered) continue;
    const found = linkAt(text, start, prefix.toLowerCase());
    if (!found) continue;
    links.push(found);
    // What looks like another one within it leads nowhere: `http://a.example/?next=http://b.example`.
    covered = found.end;
  }
  return links;
}

function linkAt(text: string, start: number, prefix: string): FoundLink | undefined {
  const rest = text.slice(start + prefix.length, start + prefix.length + WINDOW);
  if (/^(?:javascript|vbscript|data|blob|file):$/.test(prefix)) {
    return isCode(prefix, rest) ? found(text, start, prefix.length + upTo(rest, HARD_END), undefined) : undefined;
  }
  const authority = rest.slice(0, upTo(rest, END_OF_AUTHORITY));
  const at = authority.lastIndexOf('@');
  const behind = authority.slice(at + 1);
  const name = behind.slice(0, upToHostEnd(behind));
  // Without slashes, and without a scheme, only what looks like a name on the network is one.
  const isBare = !/[/\\]$/.test(prefix) || /^[/\\]/.test(prefix);
  if (isBare && !/[.[%。．｡]/.test(name)) return undefined;
  const host = hostOf(prefix === 'www.' ? `www.${name}` : name);
  if (host === undefined) return undefined;
  const past = at + 1 + name.length;
  return found(text, start, prefix.length + past + upTo(rest.slice(past), SOFT_END), host);
}

const isCode = (prefix: string, rest: string): boolean =>
  prefix === 'data:' ? /^(?:[\w.+-]+\/[\w.+-]+)?[;,]/.test(rest) : /^\S/.test(rest);

function found(text: string, start: number, length: number, host: string | undefined): FoundLink {
  const end = start + length;
  return { start, end, url: text.slice(start, end), host };
}

function upTo(text: string, end: RegExp): number {
  const at = text.search(end);
  return at < 0 ? text.length : at;
}

/** Behind the host: a port, or what the text around it brings. */
function upToHostEnd(name: string): number {
  const bracketed = /^\[[0-9a-f:.]{2,45}\]/i.exec(name);
  return bracketed ? bracketed[0].length : upTo(name, /[:()[\]{}|*,;!^]/);
}

/** Nothing for a parser to do, which a text with very many links would feel. */
const PLAIN_NAME = /^(?:[a-z0-9-]+\.)+[a-z][a-z-]*$/i;

/** As browsers write it: lower case, in ASCII, numbers as addresses, without a dot at the end. */
export function hostOf(name: string): string | undefined {
  const bare = name.replace(/[._~-]{1,3}$/, '');
  if (bare === '' || bare.length > 300) return undefined;
  if (PLAIN_NAME.test(bare)) return bare.toLowerCase();
  return URL.parse(`http://${bare}/`)?.hostname.replace(/\.$/, '');
}
