import { NO_USAGE } from '@guildhall/sdk';
import { addUsage, exceededLimit, timedOut } from './limits.js';

const limits = { maxSteps: 3, maxTokens: 100, maxCostMicroUsd: 10, timeoutMs: 1 };
const spent = (steps: number, usage: object = {}) => ({ steps, usage: { ...NO_USAGE, ...usage } });
const codeOf = (steps: number, usage: object, callsModel: boolean) =>
  exceededLimit(limits, spent(steps, usage), callsModel)?.code;

describe('the limits of a run', () => {
  it.each([
    [2, {}, false, undefined],
    [3, {}, false, 'max_steps_exceeded'],
    [0, { inputTokens: 60, outputTokens: 39 }, true, undefined],
    [0, { inputTokens: 60, outputTokens: 40 }, true, 'max_tokens_exceeded'],
    [0, { inputTokens: 1000 }, false, undefined],
    [0, { costMicroUsd: 9 }, true, undefined],
    [0, { costMicroUsd: 10 }, true, 'budget_exceeded'],
    [0, { costMicroUsd: 10 }, false, undefined],
  ])('after %i steps with %o, calling a model %s: %s', (steps, usage, callsModel, code) => {
    expect(codeOf(steps, usage, callsModel)).toBe(code);
  });

  it.each([
    ['maxSteps', exceededLimit(limits, spent(3), false)],
    ['maxTokens', exceededLimit(limits, spent(0, { inputTokens: 100 }), true)],
    ['maxCostMicroUsd', exceededLimit(limits, spent(0, { costMicroUsd: 10 }), true)],
    ['timeoutMs', timedOut(1)],
  ])('names %s as the field to change where that is the one it meets', (field, error) => {
    expect(error?.message).toMatch(new RegExp(`: raise limits\\.${field} of the agent$`));
  });

  it('adds usage up', () => {
    const one = { inputTokens: 1, outputTokens: 2, cachedTokens: 3, costMicroUsd: 4 };
    const two = { inputTokens: 2, outputTokens: 4, cachedTokens: 6, costMicroUsd: 8 };
    expect(addUsage(one, one)).toEqual(two);
    expect(addUsage(one, { ...one, reasoningTokens: 2 })).toEqual({ ...two, reasoningTokens: 2 });
    expect(addUsage({ ...one, reasoningTokens: 0, cacheWriteTokens: 1 }, { ...one, cacheWriteTokens: 1 })).toEqual({
      ...two,
      reasoningTokens: 0,
      cacheWriteTokens: 2,
    });
  });
});
