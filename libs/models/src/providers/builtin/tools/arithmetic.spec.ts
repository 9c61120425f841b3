import { findArithmetic } from './arithmetic.js';

describe('findArithmetic', () => {
  it.each([
    ['What is 17% of 2400?', '17% of 2400'],
    ['What is 17 percent of 2,400?', '17% of 2400'],
    ['Was ist 15 Prozent von 240?', '15% of 240'],
    ['12.5 * (3+4)', '12.5 * (3+4)'],
    ['And what is 3*4?', '3*4'],
    ['Please calculate 3 plus 4 times 2.', '3 + 4 * 2'],
    ['what is 10 divided by 4', '10 / 4'],
    ['How much is $20 + $5?', '20 + 5'],
    ['How much is 15% of 240 euro?', '15% of 240'],
    ['What is 7 squared?', '7 ^ 2'],
    ['What is the square root of 16?', 'sqrt(16)'],
    ['what is 100-7?', '100-7'],
    ['6/3', '6/3'],
    ['Compute -3 + 5 please', '-3 + 5'],
    ['What is -5 + 3?', '-5 + 3'],
    ['What is −5 + 3?', '-5 + 3'],
    ['What is minus 5 plus 3?', '-5 + 3'],
    ['What is 4 * -2?', '4 * -2'],
    ['What is -(2 + 3)?', '-(2 + 3)'],
    ['What is +5 - -3?', '+5 - -3'],
    ['What is 200 + 10%?', '200 + 10%'],
    ['What is 200 plus 10 percent?', '200 + 10%'],
    ['What is 200 - 10%?', '200 - 10%'],
    ['What is 20% off 80?', '80 - 20%'],
    ['What is (100 + 50) + 10%?', '(100 + 50) + 10%'],
    ['What is 1,234,567 + 1?', '1234567 + 1'],
    ["What is 1'000 / 4?", '1000 / 4'],
    ['What is round(10 / 3, 2)?', 'round(10 / 3, 2)'],
    ['What is 7 % 3?', '7 % 3'],
    ['What is .5 + .25?', '.5 + .25'],
    ['What is 2 × 3 ÷ 4?', '2 * 3 / 4'],
    ['Is 5x4 more than 19?', '5 * 4'],
    ['(What is 2+3)', '2+3'],
    ['What is 2 + 3 and what is the fee?', '2 + 3'],
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
    'Do you sell 10x15 cm photo prints?',
    'What are 10x15 cm prints?',
    'What is 10 x 15 cm?',
    'What does gasket AB-123/4 cost?',
    'Is the 2 + 1 offer still valid?',
    'What are your 3 + 1 warranty terms?',
    'Are you open 9 - 17 on Monday?',
    'What is 12:30 - 14:00?',
    'What is 50%?',
    'Do members get 10% of 200 points?',
    'What is version 1.2 - 3?',
    '',
  ])('%s has none', (question) => {
    expect(findArithmetic(question)).toBeUndefined();
  });
});
