const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?|\.\d+|pi\b)|((?:sqrt|abs|round|floor|ceil|trunc|min|max|sum|avg|exp|ln|log|sin|cos|tan)(?=\())|(of\b|mod\b|\*\*|[-+*×/%^(),]))/iy;

type Kind = 'number' | 'function' | 'sign';

export interface ExpressionToken {
  readonly kind: Kind;
  readonly text: string;
  readonly end: number;
}

export interface TokenRun {
  readonly tokens: readonly ExpressionToken[];
  readonly end: number;
  /** How far the text was looked at. */
  readonly read: number;
}

/** The longest run of tokens of an expression from `start`, without what cannot end one. */
export function tokensAt(text: string, start: number): TokenRun {
  const tokens: ExpressionToken[] = [];
  TOKEN.lastIndex = start;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [, number, name, sign] = match;
    const kind = number !== undefined ? 'number' : name !== undefined ? 'function' : 'sign';
    tokens.push({ kind, text: (number ?? name ?? sign)!.toLowerCase(), end: TOKEN.lastIndex });
  }
  const read = tokens.at(-1)?.end ?? start;
  let depth = 0;
  for (const { text: sign } of tokens) depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
  for (let last = tokens.at(-1); last && !mayEnd(last, depth); last = tokens.at(-1)) {
    if (last.text === ')') depth++;
    if (last.text === '(') depth--;
    tokens.pop();
  }
  return { tokens, end: tokens.at(-1)?.end ?? start, read };
}

function mayEnd({ kind, text }: ExpressionToken, depth: number): boolean {
  return kind === 'number' || text === '%' || (text === ')' && depth >= 0);
}

/**
 * Whether the tokens are complete and have something to compute. It only tells an expression from other numbers: what it
 * means, and whether it can be evaluated, is the calculator's to say.
 */
export function isExpression(tokens: readonly ExpressionToken[]): boolean {
  let depth = 0;
  let operations = 0;
  let wantsOperand = true;
  for (const [index, { kind, text }] of tokens.entries()) {
    if (wantsOperand) {
      if (kind === 'number') wantsOperand = false;
      else if (kind === 'function') operations++;
      else if (text === '(') depth++;
      else if (text !== '-' && text !== '+') return false;
    } else if (kind !== 'sign' || text === '(') return false;
    else if (text === ')') {
      if (--depth < 0) return false;
    } else if (text === ',') {
      if (depth === 0) return false;
      wantsOperand = true;
    } else if (text !== '%' || beginsOperand(tokens[index + 1])) {
      operations++;
      wantsOperand = true;
    }
  }
  return depth === 0 && !wantsOperand && operations > 0;
}

function beginsOperand(token: ExpressionToken | undefined): boolean {
  return token !== undefined && (token.kind !== 'sign' || token.text === '(');
}
