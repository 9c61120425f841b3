import type { Rational } from './rational.js';
import { type Sign, type Token, syntaxError, tokenize } from './tokenize.js';

export type BinaryOperator = '+' | '-' | '*' | '/' | 'mod' | '^';

export type Expression =
  | { readonly kind: 'number'; readonly value: Rational }
  | { readonly kind: 'negate' | 'percent'; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly at: number };

const MAX_DEPTH = 64;

/**
 * Reads an expression: `+ -`, then `* / % mod of`, then a leading sign, then `^` (from the right), then a trailing `%`.
 * A `%` before another operand is the remainder, else percent.
 */
export function parseExpression(text: string): Expression {
  return new Parser(tokenize(text)).whole();
}

class Parser {
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.sum();
    if (this.token.kind !== 'end') throw syntaxError(`An operator is missing before ${this.seen()}`, this.token.at);
    return expression;
  }

  private sum(): Expression {
    let left = this.product();
    for (;;) {
      const operator = this.take('+') ? '+' : this.take('-') ? '-' : undefined;
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.product() };
    }
  }

  private product(): Expression {
    let left = this.signed();
    for (;;) {
      const operator = this.productOperator();
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: this.signed() };
    }
  }

  private productOperator(): BinaryOperator | undefined {
    if (this.take('*') || this.takeWord('of')) return '*';
    if (this.take('/')) return '/';
    return this.take('%') || this.takeWord('mod') ? 'mod' : undefined;
  }

  private signed(): Expression {
    if (this.take('-')) return { kind: 'negate', of: this.deeper(() => this.signed()) };
    if (this.take('+')) return this.deeper(() => this.signed());
    return this.power();
  }

  private power(): Expression {
    const base = this.percent();
    if (!this.take('^')) return base;
    return { kind: 'binary', operator: '^', left: base, right: this.deeper(() => this.signed()) };
  }

  private percent(): Expression {
    let operand = this.operand();
    while (this.isSymbol('%') && !this.startsOperand(this.tokens[this.next + 1]!)) {
      this.next++;
      operand = { kind: 'percent', of: operand };
    }
    return operand;
  }

  private operand(): Expression {
    const token = this.token;
    if (token.kind === 'number') {
      this.next++;
      return { kind: 'number', value: token.value };
    }
    if (token.kind === 'word' && token.word !== 'of' && token.word !== 'mod') return this.call(token.word, token.at);
    if (!this.take('(')) throw syntaxError(`A number is missing before ${this.seen()}`, token.at);
    return this.deeper(() => this.closed(this.sum()));
  }

  private call(name: string, at: number): Expression {
    this.next++;
    if (!this.take('(')) return { kind: 'call', name, args: [], at };
    return this.deeper(() => {
      const args = [this.sum()];
      while (this.take(',')) args.push(this.sum());
      return this.closed({ kind: 'call', name, args, at });
    });
  }

  private closed(inner: Expression): Expression {
    if (!this.take(')')) throw syntaxError(`A closing parenthesis is missing before ${this.seen()}`, this.token.at);
    return inner;
  }

  private deeper(read: () => Expression): Expression {
    if (++this.depth > MAX_DEPTH) throw syntaxError(`Nested more than ${MAX_DEPTH} deep`, this.token.at);
    const expression = read();
    this.depth--;
    return expression;
  }

  private startsOperand(token: Token): boolean {
    if (token.kind === 'number') return true;
    if (token.kind === 'word') return token.word !== 'of' && token.word !== 'mod';
    return token.kind === 'symbol' && token.symbol === '(';
  }

  private take(symbol: Sign): boolean {
    const taken = this.isSymbol(symbol);
    if (taken) this.next++;
    return taken;
  }

  private takeWord(word: string): boolean {
    const token = this.token;
    const taken = token.kind === 'word' && token.word === word;
    if (taken) this.next++;
    return taken;
  }

  private isSymbol(symbol: Sign): boolean {
    const token = this.token;
    return token.kind === 'symbol' && token.symbol === symbol;
  }

  private get token(): Token {
    return this.tokens[this.next]!;
  }

  private seen(): string {
    const token = this.token;
    if (token.kind === 'end') return 'the end';
    if (token.kind === 'number') return 'a number';
    return `'${token.kind === 'word' ? token.word : token.symbol}'`;
  }
}
