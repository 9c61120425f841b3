import * as fc from 'fast-check';
import { AppError } from '@guildhall/sdk';
import { Calculator } from './calculator.tool.js';

const calculator = new Calculator();
const decimal = (expression: string) => calculator.execute({ expression }).decimal;
/** A result, or the refusal in the calculator's own words; any other error is thrown on. */
const attempt = (expression: string) => {
  try {
    return calculator.execute({ expression });
  } catch (error) {
    if (AppError.is(error)) return error;
    throw error;
  }
};
const failure = (expression: string): AppError => {
  const outcome = attempt(expression);
  if (AppError.is(outcome)) return outcome;
  throw new Error(`'${expression}' was evaluated`);
};

describe('calculator', () => {
  it.each([
    ['15% of 240', '36'],
    ['0.1 + 0.2', '0.3'],
    ['1 - 0.9', '0.1'],
    ['200 + 10%', '220'],
    ['200 - 10%', '180'],
    ['200 * 10%', '20'],
    ['7 % 3', '1'],
    ['-7 mod 3', '-1'],
    ['50%', '0.5'],
    ['(1 + 2) * 3 ^ 2', '27'],
    ['2 ^ 3 ^ 2', '512'],
    ['-2 ^ 2', '-4'],
    ['2 ^ -2', '0.25'],
    ['2 ** 10', '1024'],
    ['6 × 7 ÷ 2 − 1', '20'],
    ['sqrt(2.25)', '1.5'],
    ['abs(-3) + min(4, 2, 9) + max(1, 5)', '10'],
    ['round(10 / 3, 2)', '3.33'],
    ['round(-2.5)', '-3'],
    ['round(1250, -2)', '1300'],
    ['floor(-1.5) + ceil(1.2) + trunc(-1.9)', '-1'],
    ['avg(1, 2, 4.5) + SUM(1, 1)', '4.5'],
    ['1.5e3', '1500'],
    ['.5 + 5.', '5.5'],
    ['9007199254740993 + 0', '9007199254740993'],
  ])('evaluates %s to %s, exactly', (expression, expected) => {
    expect(calculator.execute({ expression })).toMatchObject({ decimal: expected, exact: true });
  });

  it('says when it only approximates', () => {
    expect(calculator.execute({ expression: '1 / 3' })).toMatchObject({
      decimal: '0.33333333333333333333',
      exact: false,
    });
    expect(calculator.execute({ expression: 'sqrt(2)' })).toMatchObject({ result: Math.SQRT2, exact: false });
    expect(calculator.execute({ expression: '2 ^ 0.5' })).toMatchObject({ result: Math.SQRT2, exact: false });
    expect(calculator.execute({ expression: 'sin(pi / 2)' })).toMatchObject({ result: 1, exact: false });
    expect(calculator.execute({ expression: 'ln(e) + log(100) + exp(0) + cos(0) + tan(0)' }).result).toBeCloseTo(5, 12);
  });

  it.each([
    ['1 / 0', /Division by zero/],
    ['5 % (2 - 2)', /Division by zero/],
    ['0 ^ -1', /Division by zero/],
    ['sqrt(-1)', /no real square root/],
    ['(-8) ^ 0.5', /not a real number/],
    ['10 ^ 400', /too large/],
    ['1e999', /too large/],
    ['round(1, 99)', /whole number of places/],
    ['ln(0)', /too large/],
  ])('fails on %s, as the calculation does', (expression, message) => {
    expect(failure(expression)).toMatchObject({ code: 'tool_failed', message: expect.stringMatching(message) });
  });

  it.each([
    ['2 +', /A number is missing before the end at position 4/],
    ['2 3', /An operator is missing before a number at position 3/],
    ['(1 + 2', /A closing parenthesis is missing/],
    ['1 + )', /A number is missing before '\)'/],
    ['of 3', /A number is missing before 'of'/],
    ['process.exit(1)', /operator is missing|no meaning|none of/],
    ['alert(1)', /'alert' is none of abs, sqrt/],
    ['sqrt(1, 2)', /takes 1 argument, not 2/],
    ['round(1, 2, 3)', /takes 1 to 2 arguments, not 3/],
    ['min', /takes 1 or more arguments, not 0/],
    ['pi(3)', /takes no arguments, not 1/],
    ['2 $ 3', /'\$' has no meaning here/],
    ['('.repeat(100), /Nested more than 64 deep/],
    ['2' + '^2'.repeat(100), /Nested more than 64 deep/],
  ])('points at what cannot be read in %s', (expression, message) => {
    const error = failure(expression);
    expect(error.category).toBe('validation');
    expect(error.details).toEqual([
      { path: 'input.expression', code: 'invalid_expression', message: expect.stringMatching(message) },
    ]);
  });

  it('agrees with integer arithmetic', () => {
    const integer = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(integer, integer, integer, (a, b, c) => {
        const expected = BigInt(a) + BigInt(b) * BigInt(c) - BigInt(a) * BigInt(c);
        expect(decimal(`(${a}) + (${b}) * (${c}) - (${a}) * (${c})`)).toBe(String(expected));
      }),
    );
  });

  it('undoes every division by a multiplication', () => {
    const integer = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        integer,
        integer.filter((b) => b !== 0),
        (a, b) => {
          expect(decimal(`(${a}) / (${b}) * (${b})`)).toBe(String(a));
        },
      ),
    );
  });

  it('answers or refuses any text at all in its own words', () => {
    const alphabet = fc.constantFrom(...'0123456789.+-*/%^(), esqrtofmodpi'.split(''));
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: alphabet, maxLength: 80 })),
        (expression) => {
          const outcome = attempt(expression);
          expect(AppError.is(outcome) || Number.isFinite(outcome.result)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('answers the worst expressions within its limits in no time', () => {
    const started = performance.now();
    for (const expression of [
      '9'.repeat(300) + '^9'.repeat(60),
      Array(330).fill('1/7').join('+'),
      '1.0000001^1000000000',
    ]) {
      attempt(expression);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
