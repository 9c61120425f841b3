const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|(sqrt(?=\())|([-+*/^()]))\s*/y;

/** Whether this is a complete expression of numbers, `+ - * / ^`, brackets and `sqrt(...)`, with something to compute. */
export function isArithmetic(expression: string): boolean {
  const tokens = tokenize(expression);
  if (!tokens || !tokens.some((token) => '+-*/^sqrt'.includes(token))) return false;
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && ++at > 0;

  const operand = (): boolean => {
    if (take('-')) return operand();
    if (take('sqrt')) return operand();
    if (take('(')) return sum() && take(')');
    return /^\d/.test(tokens[at] ?? '') && ++at > 0;
  };
  const sum = (): boolean => {
    if (!operand()) return false;
    while (['+', '-', '*', '/', '^'].includes(tokens[at] ?? '')) {
      at++;
      if (!operand()) return false;
    }
    return true;
  };
  return sum() && at === tokens.length;
}

function tokenize(expression: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const match = TOKEN.exec(expression);
    if (!match) return undefined;
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}
