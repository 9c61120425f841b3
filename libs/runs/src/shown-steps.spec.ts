import type { AnnouncedStep, StepOutline } from './run.repository.js';
import { type ShownStep, shownSteps } from './shown-steps.js';
import type { Run, RunStatus } from './run.js';

const ERROR = { code: 'timed_out', category: 'timeout', message: 'Too late', retryable: true } as const;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

const runThat = (status: RunStatus): Run =>
  ({ status, error: status === 'failed' ? ERROR : null, finishedAt: status === 'failed' ? at(9) : null }) as Run;

const announced = (id: string, attempt = 1, second = 3): AnnouncedStep => {
  return { id, kind: 'model', name: 'default', attempt, startedAt: at(second) };
};

const recorded = (id: string, more: Partial<StepOutline> = {}): ShownStep => {
  const start = { ...announced(id, 1, 1), error: null, usage: null, hasOutput: true };
  return { ...start, status: 'succeeded', finishedAt: at(2), ...more };
};

const open = { error: null, usage: null, finishedAt: null, hasOutput: false };

describe('the steps of a run', () => {
  it('are those recorded, and after them the one under way', () => {
    const steps = shownSteps(runThat('running'), [recorded('a')], [announced('b')]);
    expect(steps).toEqual([recorded('a'), { ...announced('b'), ...open, status: 'running' }]);
  });

  it('are in the order in which they began: a worker before what it did', () => {
    const steps = shownSteps(runThat('waiting'), [recorded('inner')], [announced('worker', 1, 0)]);
    expect(steps.map(({ id, status }) => [id, status])).toEqual([
      ['worker', 'running'],
      ['inner', 'succeeded'],
    ]);
  });

  it('are under way again where an attempt was cut off: what it had used is kept', () => {
    const usage = { inputTokens: 5, outputTokens: 1, cachedTokens: 0, costMicroUsd: 7 };
    const cut = recorded('a', { status: 'superseded', usage });
    const [step, ...others] = shownSteps(runThat('running'), [cut], [announced('a', 2)]);
    expect(step).toEqual({ ...announced('a', 2), ...open, usage, status: 'running' });
    expect(others).toEqual([]);
  });

  it('are as recorded where the record was read after the announcement', () => {
    expect(shownSteps(runThat('running'), [recorded('a')], [announced('a')])).toEqual([recorded('a')]);
  });

  it('have failed with the run that ended around them', () => {
    const cut = recorded('a', { status: 'superseded' });
    const steps = shownSteps(runThat('failed'), [cut], [announced('b')]);
    const failed = { status: 'failed', error: ERROR };
    expect(steps).toEqual([
      { ...cut, ...failed },
      { ...announced('b'), ...open, ...failed, finishedAt: at(9) },
    ]);
  });

  it('are begun anew when a run that was handed back is taken up again', () => {
    expect(shownSteps(runThat('queued'), [], [announced('a')])).toEqual([
      { ...announced('a'), ...open, status: 'superseded' },
    ]);
  });
});
