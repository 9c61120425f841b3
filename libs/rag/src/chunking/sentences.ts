export interface Span {
  readonly start: number;
  readonly end: number;
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' });
const ABBREVIATION =
  /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|cf|no|nos|fig|figs|eq|approx|inc|ltd|co|corp|jr|sr|vol|pp|ca|z\.b|bzw|nr|\p{Lu})\.\s*$/iu;
const SPACE_RUN = /[\s\u0085]+/g;
const BREAK = /[\r\n\u0085\u2028\u2029]/g;
const LIST_MARK = /(?:[-*+\u2022]|\d{1,3}[.)])\s/y;
/** The segmenter's cost per call is its input's length: a paragraph of megabytes goes through it in windows. */
const WINDOW = 16_384;

/**
 * The sentences of `text[start, end)`, in order, without the white space around them; together they hold every other
 * character. A single line break is a space here, not an end: prose is often wrapped.
 */
export function* sentencesOf(text: string, start = 0, end = text.length): Generator<Span> {
  for (let from = start; from < end;) {
    const to = windowEnd(text, from, end);
    yield* sentencesInWindow(text, from, to);
    from = to;
  }
}

function* sentencesInWindow(text: string, start: number, end: number): Generator<Span> {
  const prose = unwrapped(text.slice(start, end));
  let open = 0;
  for (const { index, segment } of SEGMENTER.segment(prose)) {
    const stop = index + segment.length;
    if (stop < prose.length && ABBREVIATION.test(segment.slice(-12))) continue;
    const sentence = trimSpan(text, start + open, start + stop);
    if (sentence) yield sentence;
    open = stop;
  }
  const rest = trimSpan(text, start + open, end);
  if (rest) yield rest;
}

/** Line breaks as spaces, but for one before a list mark, which is a real one. As long as before: offsets stay true. */
const unwrapped = (text: string): string =>
  // Once a run of white space, not once a break: looking ahead from each of many would be quadratic.
  text.replace(SPACE_RUN, (run, at: number) => {
    LIST_MARK.lastIndex = at + run.length;
    return LIST_MARK.test(text) ? run : run.replace(BREAK, ' ');
  });

/** Ends a window behind white space where there is some in its last half, so that no word is cut. */
function windowEnd(text: string, from: number, end: number): number {
  if (end - from <= WINDOW) return end;
  for (let at = from + WINDOW; at > from + WINDOW / 2; at--) if (/\s/.test(text[at - 1]!)) return at;
  return avoidSurrogate(text, from + WINDOW);
}

/** Moves a cut that would fall between the two halves of one character. */
export const avoidSurrogate = (text: string, at: number): number =>
  /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '') ? at - 1 : at;

export function trimSpan(text: string, start: number, end: number): Span | undefined {
  while (start < end && /\s/.test(text[start]!)) start++;
  while (end > start && /\s/.test(text[end - 1]!)) end--;
  return start < end ? { start, end } : undefined;
}
