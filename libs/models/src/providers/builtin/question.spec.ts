import { lastQuestion, questionParts } from './question.js';

describe('questionParts', () => {
  it.each([
    ['How long is the warranty?', ['How long is the warranty?']],
    ['How long is the warranty? And what is 3*4?', ['How long is the warranty?', 'And what is 3*4?']],
    ['What is the refund window, and what is 17% of 2400?', ['What is the refund window', 'what is 17% of 2400?']],
    ['I bought a lamp. Can I return it?', ['I bought a lamp. Can I return it?']],
    ['Can I return a lamp? Why?', ['Can I return a lamp? Why?']],
    ['Compute 2+2\nShow the fees', ['Compute 2+2', 'Show the fees']],
    ['Returns and refunds', ['Returns and refunds']],
    ['What is 12.5 * 2?', ['What is 12.5 * 2?']],
    ['', []],
  ])('%j', (question, parts) => {
    expect(questionParts(question)).toEqual(parts);
  });
});

describe('lastQuestion', () => {
  it('is the last thing the user said, whatever came after', () => {
    const messages = [
      { role: 'user', text: 'first' },
      { role: 'user', text: ' second ' },
      { role: 'assistant', text: 'well' },
    ] as const;
    expect(lastQuestion(messages)).toBe('second');
  });

  it('is empty when the user said nothing', () => {
    expect(lastQuestion([{ role: 'system', text: 'rules' }])).toBe('');
  });
});
