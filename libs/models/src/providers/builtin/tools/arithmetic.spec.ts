import { findArithmetic } from './arithmetic.js';

describe('findArithmetic', () => {
  it.each([
    ['What is 17% of 2400?', '17 / 100 * 2400'],
    ['What is 17 percent of 2,400?', '17 / 100 * 2400'],
    ['12.5 * (3+4)', '12.5 * (3+4)'],
    ['And what is 3*4?', '3*4'],
    ['Please calculate 3 plus 4 times 2.', '3 + 4 * 2'],
    ['what is 10 divided by 4', '10 / 4'],
    ['How much is $20 + $5?', '20 + 5'],
    ['What is 7 squared?', '7 ^ 2'],
    ['What is the square root of 16?', 'sqrt(16)'],
    ['what is 100-7?', '100-7'],
    ['6/3', '6/3'],
    ['Compute -3 + 5 please', '3 + 5'],
    ['What is 2 × 3 ÷ 4?', '2 * 3 / 4'],
    ['Is 5x4 more than 19?', '5 * 4'],
  ])('%s → %s', (question, expression) => {
    expect(findArithmetic(question)).toBe(expression);
  });

  it.each([
    'Is support open 24/7?',
    'What happened on 2025-11-01?',
    'Call 030-1234567',
    'What is 42?',
    'How many of the 3 items arrived?',
    'What is the 9-5 schedule?',
    'What is (2 + )?',
    '',
  ])('%s has none', (question) => {
    expect(findArithmetic(question)).toBeUndefined();
  });
});
