import { RunView } from './run-view.js';

function shown(...events: readonly (readonly [string, Record<string, unknown>])[]): string {
  let text = '';
  const view = new RunView((piece) => (text += piece));
  events.forEach(([type, payload], index) => view.take({ seq: index + 1, type, payload }));
  return text;
}

const delta = (text: string, messageId = 'm1') => ['message.delta', { messageId, text }] as const;
const end = (text: string) => ['run.succeeded', { output: { text, citations: [] } }] as const;

describe('the view of a run', () => {
  it('shows an answer once, streamed or not', () => {
    expect(shown(delta('One '), delta('two.'), end('One two.'))).toBe('One two.\n');
    expect(shown(end('One two.'))).toBe('One two.\n');
  });

  it('begins each message, and each call of a tool, on a line of its own', () => {
    const call = ['tool_call.requested', { tool: 'search', input: { q: 'a\nb' } }] as const;
    expect(shown(delta('Look:'), call, delta('Found.', 'm2'), delta('More.', 'm3'), end('More.'))).toBe(
      'Look:\n  → search {"q":"a\\nb"}\nFound.\nMore.\n',
    );
  });

  it('says when words no longer count', () => {
    expect(shown(delta('Wron'), ['step.retried', { fromSeq: 1 }], delta('Right.'), end('Right.'))).toBe(
      'Wron\n … (cut off; this begins anew)\nRight.\n',
    );
    expect(shown(delta('Kept.'), ['step.retried', { fromSeq: 2 }], end('Kept.'))).toBe('Kept.\n');
  });

  it('says why a run or a tool failed, without what a terminal would obey', () => {
    const error = { code: 'budget_exceeded', message: 'No \u001b[31mmoney' };
    expect(shown(['run.failed', { error }])).toBe('The run failed: No [31mmoney (budget_exceeded)\n');
    expect(shown(['tool_call.failed', { tool: 'pay', error }])).toBe('  ✗ pay: No [31mmoney (budget_exceeded)\n');
  });
});
