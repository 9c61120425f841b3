import { stateFailure, stateOutput } from './state-output.js';

describe('stateOutput', () => {
  it.each([
    [408, '408'],
    ['done', 'done'],
    [true, 'true'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [[], 'nothing'],
    [['a', 2], 'a; 2'],
    [{ expression: '1+1', result: 2, exact: true }, '2'],
    [{ sky: 'clear', temperatureC: 21 }, 'sky clear, temperatureC 21'],
    [{ result: { a: 1 } }, 'result (a 1)'],
    [{ items: [{ id: 1 }, { id: 2 }] }, 'items id 1; id 2'],
  ])('%j is stated as %j', (output, text) => {
    expect(stateOutput(output)).toBe(text);
  });

  it('does not recite a whole book', () => {
    expect(stateOutput('x'.repeat(5000))).toHaveLength(1001);
  });
});

describe('stateFailure', () => {
  it.each([
    [{ code: 'tool_failed', message: 'No such order' }, 'No such order'],
    ['No such order', 'No such order'],
    [{ code: 'tool_failed' }, 'code tool_failed'],
    [undefined, 'nothing'],
  ])('%j is stated as %j', (output, text) => {
    expect(stateFailure(output)).toBe(text);
  });
});
