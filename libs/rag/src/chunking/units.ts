import { type Block, linesOf } from './block.js';
import { countTokens } from './count-tokens.js';
import { type Span, avoidSurrogate, sentencesOf, trimSpan } from './sentences.js';

const MAX_HEADER_SHARE = 0.5;

/** The smallest piece that chunks are packed from: a heading, a sentence, a line of a table, a whole code block. */
export interface Unit extends Span {
  readonly tokens: number;
  readonly kind: Block['kind'];
  /** Of a row: the header of its table. */
  readonly header?: Unit;
}

/** Cuts a block into units of at most `max` tokens. A table or code block that fits stays whole. */
export function* unitsOf(text: string, block: Block, max: number): Generator<Unit> {
  const { kind, start, end } = block;
  if (kind === 'paragraph') {
    for (const sentence of sentencesOf(text, start, end)) yield* fitting(text, sentence, kind, max);
    return;
  }
  const whole = trimSpan(text, start, end);
  if (!whole) return;
  // Beyond eight characters a token nothing fits; counting a huge block first would be wasted work.
  if (whole.end - whole.start <= max * 8 && countTokens(text, whole.start, whole.end) <= max) {
    yield { ...whole, kind, tokens: countTokens(text, whole.start, whole.end) };
    return;
  }
  const header = headerOf(text, block, max);
  const inner = text.slice(start, end);
  for (const line of linesOf(inner)) {
    const trimmed = trimSpan(text, start + line.start, start + line.end);
    if (!trimmed) continue;
    if (!header || trimmed.start < header.end) yield* fitting(text, trimmed, kind, max);
    else for (const row of fitting(text, trimmed, kind, max - header.tokens)) yield { ...row, header };
  }
}

/** The header that chunks of the table repeat, unless it would leave too little room for what is under it. */
function headerOf(text: string, { header, kind }: Block, max: number): Unit | undefined {
  const span = header && trimSpan(text, header.start, header.end);
  if (!span) return undefined;
  const tokens = countTokens(text, span.start, span.end);
  return tokens <= max * MAX_HEADER_SHARE ? { ...span, kind, tokens } : undefined;
}

/** The span as one unit, or cut between words (and inside a word only when it alone is too long). */
function* fitting(text: string, span: Span, kind: Block['kind'], max: number): Generator<Unit> {
  for (let from = span.start; from < span.end;) {
    const to = cut(text, from, span.end, max);
    const piece = trimSpan(text, from, to);
    if (piece) yield { ...piece, kind, tokens: countTokens(text, piece.start, piece.end) };
    from = to;
  }
}

function cut(text: string, from: number, end: number, max: number): number {
  if (end - from <= max) return end;
  // Eight characters are more than a token at the least: looking further would cost time and find nothing.
  const limit = Math.min(end, from + max * 8);
  let tokens = 0;
  for (let at = from; at < limit;) {
    const wordEnd = nextBreak(text, at, limit);
    tokens += countTokens(text, at, wordEnd);
    if (tokens > max) return at > from ? at : avoidSurrogate(text, from + max);
    at = wordEnd;
  }
  return limit;
}

/** Behind the next white space or comma. */
function nextBreak(text: string, at: number, limit: number): number {
  while (at < limit && !/[\s,]/.test(text[at]!)) at++;
  while (at < limit && /[\s,]/.test(text[at]!)) at++;
  return at;
}
