import { ValidationError } from '@guildhall/sdk';
import { type Rational, fromDecimal } from './rational.js';

export type Sign = '+' | '-' | '*' | '/' | '%' | '^' | '(' | ')' | ',';

export type Token = { readonly at: number } & (
  | { readonly kind: 'number'; readonly value: Rational }
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'symbol'; readonly symbol: Sign }
  | { readonly kind: 'end' }
);

// Other ways to write the same: typographic signs, and `**` for powers.
const SAME: Readonly<Record<string, Sign>> = { '×': '*', '·': '*', '÷': '/', '−': '-', '–': '-', '**': '^' };

const PIECE =
  /\s*(?:(\d+\.?\d*(?:e[+-]?\d{1,4})?|\.\d+(?:e[+-]?\d{1,4})?)|([a-z][a-z0-9]*)|(\*\*|[-+*/%^(),×·÷−–])|(\S))/iuy;

export function syntaxError(message: string, at: number): ValidationError {
  const said = `${message} at position ${at + 1}`;
  return new ValidationError(`The expression cannot be read: ${said}`, [
    { path: 'input.expression', code: 'invalid_expression', message: said },
  ]);
}

/** Cuts an expression into tokens, with an `end` at the end. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  PIECE.lastIndex = 0;
  for (let piece = PIECE.exec(expression); piece; piece = PIECE.exec(expression)) {
    const [all, number, word, symbol, unknown] = piece;
    const at = piece.index + all.length - all.trimStart().length;
    if (number !== undefined) tokens.push({ at, kind: 'number', value: fromDecimal(number) });
    else if (word !== undefined) tokens.push({ at, kind: 'word', word: word.toLowerCase() });
    else if (symbol !== undefined) tokens.push({ at, kind: 'symbol', symbol: SAME[symbol] ?? (symbol as Sign) });
    else throw syntaxError(`'${unknown}' has no meaning here,`, at);
  }
  return [...tokens, { at: expression.length, kind: 'end' }];
}
