import { type AskedStep, type RecordedStep, replayStep } from './replay.js';
import { OUTCOME_UNKNOWN } from './unknown-outcome.js';

const recorded = (more: Partial<RecordedStep> = {}): RecordedStep => ({
  key: '1',
  kind: 'tool',
  name: 'look',
  status: 'succeeded',
  attempt: 2,
  input: { a: 1, b: [2] },
  output: 'seen',
  error: null,
  usage: null,
  startedAt: new Date(0),
  finishedAt: new Date(1),
  ...more,
});
const asked: AskedStep = { key: '1', kind: 'tool', name: 'look' };
const failure = (code: string) => ({ code, category: 'upstream' as const, message: '', retryable: false });

describe('replayStep', () => {
  it('runs what was never recorded', () => {
    expect(replayStep(undefined, asked)).toEqual({ kind: 'run', attempt: 1 });
  });

  it('answers from the record, success and failure alike', () => {
    for (const step of [recorded(), recorded({ status: 'failed', error: failure('tool_failed') })]) {
      expect(replayStep(step, asked)).toEqual({ kind: 'answer', step });
    }
  });

  it('knows a step that was begun and whose outcome nobody knows', () => {
    const cutOff = [recorded({ status: 'running' }), recorded({ status: 'failed', error: failure(OUTCOME_UNKNOWN) })];
    for (const step of cutOff) expect(replayStep(step, asked)).toEqual({ kind: 'interrupted', attempt: 2 });
  });

  it('runs a superseded step once more', () => {
    expect(replayStep(recorded({ status: 'superseded' }), asked)).toEqual({ kind: 'run', attempt: 3 });
  });

  it.each([
    ['kind', { kind: 'model' as const }],
    ['name', { name: 'pay' }],
    ['bound input', { boundInput: { a: 1, b: [3] } }],
  ])('refuses another %s', (_what, other) => {
    expect(() => replayStep(recorded(), { ...asked, ...other })).toThrow(
      expect.objectContaining({ code: 'nondeterministic' }),
    );
  });

  it('does not mind the order of keys, nor what JSON leaves out', () => {
    const boundInput = { b: [2], a: 1, c: undefined };
    expect(replayStep(recorded(), { ...asked, boundInput }).kind).toBe('answer');
  });
});
