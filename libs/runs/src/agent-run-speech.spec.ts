import type { AgentRunSignal } from '@guildhall/sdk';
import { said } from './agent-run-history.js';
import { RunSpeech } from './agent-run-speech.js';
import type { RunEvent, RunEventType } from './run-event.js';

const event = (seq: number, type: RunEventType, payload: Record<string, unknown> = {}): RunEvent => ({
  seq,
  type,
  payload,
  runId: 'run_1',
  threadId: 'thr_1',
  at: '2026-11-01T00:00:00.000Z',
});
const delta = (seq: number, messageId: string, text: string) => event(seq, 'message.delta', { messageId, text });

function hear(...events: RunEvent[]) {
  const signals: AgentRunSignal[] = [];
  const speech = new RunSpeech((signal) => signals.push(signal));
  for (const one of events) speech.take(one);
  const heard = signals.slice(signals.findLastIndex(({ type }) => type === 'restart') + 1);
  const text = heard.map((signal) => (signal.type === 'delta' ? signal.text : '')).join('');
  return { text, restarts: signals.filter(({ type }) => type === 'restart').length, isOver: speech.isOver };
}

describe('what a run says', () => {
  it('is its messages, a blank line between them', () => {
    const { text } = hear(delta(3, 'a', 'Let me '), delta(4, 'a', 'look.'), delta(7, 'b', 'Four'), delta(8, 'b', '.'));
    expect(text).toBe('Let me look.\n\nFour.');
  });

  it('is taken back with the attempt that said it, and no more than that', () => {
    const retried = event(9, 'step.retried', { fromSeq: 7 });
    const { text, restarts } = hear(delta(3, 'a', 'Wait.'), delta(7, 'b', 'Fo'), retried, delta(10, 'b', 'Four.'));
    expect({ text, restarts }).toEqual({ text: 'Wait.\n\nFour.', restarts: 1 });
  });

  it('is not begun again when nothing of the attempt was heard', () => {
    const retried = event(9, 'step.retried', { fromSeq: 9 });
    expect(hear(delta(3, 'a', 'Wait.'), retried)).toMatchObject({ text: 'Wait.', restarts: 0 });
  });

  it.each<RunEventType>(['run.succeeded', 'run.failed', 'run.cancelled', 'run.waiting', 'run.needs_attention'])(
    'is over with %s',
    (type) => {
      expect(hear(delta(3, 'a', 'x')).isOver).toBe(false);
      expect(hear(delta(3, 'a', 'x'), event(4, type)).isOver).toBe(true);
    },
  );
});

describe('what was said before a run', () => {
  it('keeps what people, agents and tools said, and leaves out messages that only called tools', () => {
    const parts = [{ type: 'image' as const, mediaType: 'image/png', data: 'AA==' }];
    const messages = said([
      { role: 'user', text: '', parts },
      { role: 'assistant', text: '', toolCalls: [{ id: 'c', tool: 't', input: {} }] },
      { role: 'tool', callId: 'c', tool: 't', output: { sum: 4 } },
      { role: 'assistant', text: 'Four.' },
    ]);
    expect(messages).toEqual([
      { role: 'user', text: '', parts },
      { role: 'tool', text: '{"sum":4}', parts: null },
      { role: 'assistant', text: 'Four.', parts: null },
    ]);
  });
});
