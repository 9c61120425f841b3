/** Offsets into the text that was segmented: UTF-16 code units, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** Lines that begin something of their own: list items, quotes, table rows. */
const STRUCTURE = /^\s*(?:[-*+>|]|\d{1,3}[.)])\s/;
const HEADING = /^\s*#{1,6}\s/;
const MARKER = /^(?:\s|[-*+>]\s|\d{1,3}[.)]\s|\|)+/;
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|cf|ca|No|Nos|Fig|fig|figs|Figs|Eq|eq|eqs|Sec|Art|approx|resp|etc|al|vol|min|max|Inc|Ltd|Co|Corp)\.\s*$/u;
/** Behind a word or standing alone, before a space: not the one of `3.5` or `e.g.`. */
const FULL_STOP = /(?:\p{L}{2}|[\p{N})]|\s)[.]\s+/gu;
const MIN_WRAPPED_LINE = 40;
const MAX_LENGTH = 500;

/**
 * The sentences of a text, in order, without list markers and surrounding space. Headings are left out: they name what
 * follows and state nothing. Lines of a wrapped paragraph are one text; list items and table rows stand alone.
 */
export function sentences(text: string): Span[] {
  return blocks(text).flatMap((block) => sentencesOf(text, block));
}

function blocks(text: string): Span[] {
  const found: { start: number; end: number }[] = [];
  let open = false;
  let previous = '';
  for (const match of text.matchAll(/[^\r\n]+/g)) {
    const line = match[0];
    const start = match.index;
    const end = start + line.length;
    const last = found.at(-1);
    if (HEADING.test(line)) open = false;
    else if (open && last && continues(text.slice(last.end, start), previous, line)) last.end = end;
    else {
      found.push({ start, end });
      open = true;
    }
    previous = line;
  }
  return found;
}

/** Whether a line break only wraps a paragraph. */
function continues(gap: string, previous: string, line: string): boolean {
  const breaks = gap.replace(/\r\n?/g, '\n').length;
  return breaks === 1 && previous.trim().length >= MIN_WRAPPED_LINE && !STRUCTURE.test(line) && !/^\s*\|/.test(line);
}

function sentencesOf(text: string, block: Span): Span[] {
  // Same length, so that offsets hold: the segmenter would end a sentence at each line break.
  const flowing = text.slice(block.start, block.end).replace(/[\r\n]/g, ' ');
  const found: { start: number; end: number }[] = [];
  let joins = false;
  for (const { start, end } of segments(flowing)) {
    const last = found.at(-1);
    if (joins && last) last.end = end;
    else found.push({ start, end });
    joins = ABBREVIATION.test(flowing.slice(start, end));
  }
  return found
    .flatMap((span) => pieces(flowing, span))
    .map((span) => trimmed(flowing, span))
    .filter((span) => /[\p{L}\p{N}]/u.test(flowing.slice(span.start, span.end)))
    .map((span) => ({ start: block.start + span.start, end: block.start + span.end }));
}

/** What the segmenter finds, cut further where a full stop ends a sentence although the next word is in lower case. */
function segments(text: string): Span[] {
  return [...segmenter.segment(text)].flatMap(({ segment, index }) => {
    const ends = [...segment.matchAll(FULL_STOP)].map((match) => index + match.index + match[0].length);
    const bounds = [index, ...ends.filter((end) => end < index + segment.length), index + segment.length];
    return bounds.slice(1).map((end, at) => ({ start: bounds[at]!, end }));
  });
}

/** What has no full stops (one-line JSON, a table of text) is cut at its commas, or at spaces. */
function pieces(text: string, span: Span): Span[] {
  const found: Span[] = [];
  let start = span.start;
  while (span.end - start > MAX_LENGTH) {
    const slice = text.slice(start, start + MAX_LENGTH);
    const cut = Math.max(
      slice.lastIndexOf('; '),
      slice.lastIndexOf(', '),
      slice.lastIndexOf('",'),
      slice.lastIndexOf('},'),
    );
    const end = start + (cut > MAX_LENGTH / 4 ? cut + 2 : boundary(slice));
    found.push({ start, end });
    start = end;
  }
  return [...found, { start, end: span.end }];
}

function boundary(slice: string): number {
  const space = slice.lastIndexOf(' ');
  if (space > 0) return space + 1;
  // Never between the halves of a surrogate pair.
  return /[\uD800-\uDBFF]$/.test(slice) ? slice.length - 1 : slice.length;
}

function trimmed(text: string, span: Span): Span {
  const start = span.start + (MARKER.exec(text.slice(span.start, span.end))?.[0].length ?? 0);
  let { end } = span;
  while (end > start && /[\s|]/.test(text[end - 1]!)) end--;
  return { start, end };
}
