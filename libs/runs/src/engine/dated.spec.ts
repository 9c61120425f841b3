import type { RunProgress } from '../commit/run-progress.statement.js';
import { datedFrom } from './dated.js';

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
const begun = new Date(at(10));

const progress = (started: string, finished: string | undefined, told: string) =>
  ({
    run_id: 'run_a',
    steps: [{ key: '1', started_at: started, ...(finished === undefined ? {} : { finished_at: finished }) }],
    events: [{ type: 'step.started', payload: {}, at: told }],
  }) as unknown as RunProgress;

describe('what is written of a run', () => {
  it('is dated no earlier than its begin', () => {
    expect(datedFrom(begun, progress(at(3), at(8), at(3)))).toEqual(progress(at(10), at(10), at(10)));
  });

  it('keeps its own times after that, and an end that it has not', () => {
    const later = progress(at(11), undefined, at(12));
    expect(datedFrom(begun, later)).toEqual(later);
  });
});
