import { z } from 'zod';
import { Tool, type ToolHandler } from '@guildhall/sdk';
import { toDecimal, toNumber } from './decimal.js';
import { evaluate } from './evaluate.js';
import { parseExpression } from './parse-expression.js';

const Input = z.strictObject({
  expression: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .describe("Arithmetic to evaluate, e.g. '15% of 240', '(3 + 4) * 2^3', 'round(10 / 3, 2)'"),
});

/** Arithmetic in fractions, so that 0.1 + 0.2 is 0.3; where only an approximation exists, `exact` says so. */
@Tool({
  name: 'calculator',
  description:
    'Evaluates arithmetic: + - * / ^ ( ), % as percent (15% of 240, 200 + 10% is 220) or remainder (7 % 3), ' +
    'abs sqrt round(x, places) floor ceil trunc min max sum avg exp ln log sin cos tan (radians), pi, e.',
  input: Input,
  effect: 'read',
})
export class Calculator implements ToolHandler<z.output<typeof Input>> {
  execute({ expression }: z.output<typeof Input>) {
    const { value, exact } = evaluate(parseExpression(expression));
    const decimal = toDecimal(value);
    return { expression, result: toNumber(value), decimal: decimal.text, exact: exact && decimal.exact };
  }
}
