import type { Outcome } from './ingest-source.js';
import { Progress } from './progress.js';

const outcome = (title: string, status: Outcome['status'], note = '3 chunks'): Outcome => ({
  source: { kind: 'file', place: title, title },
  status,
  note,
});

function shown(isTTY: boolean, outcomes: readonly Outcome[]): string {
  let text = '';
  const progress = new Progress(4, { isTTY, columns: 60, write: (piece) => void (text += piece) });
  progress.start();
  for (const one of outcomes) progress.report(one);
  progress.end();
  return text;
}

describe('the progress of guildhall ingest', () => {
  it('is a bar in a terminal, which failures stand above', () => {
    const lines = shown(true, [outcome('a.md', 'ready'), outcome('b.pdf', 'failed', 'No PDF')]).split('\r\u001b[K');
    expect(lines).toEqual([
      '',
      `[${'-'.repeat(24)}] 0/4  `,
      `[${'#'.repeat(6)}${'-'.repeat(18)}] 1/4  a.md`,
      'FAILED         b.pdf  No PDF\n',
      `[${'#'.repeat(12)}${'-'.repeat(12)}] 2/4  b.pdf`,
      '',
    ]);
  });

  it('stays on one line of the terminal', () => {
    const lines = shown(true, [outcome('x'.repeat(500), 'ready')]).split('\r\u001b[K');
    expect(Math.max(...lines.map(({ length }) => length))).toBe(59);
  });

  it('is a line for each document elsewhere, without a control character', () => {
    const text = shown(false, [outcome('a\u001b[2J\n.md', 'known'), outcome('b.md', 'failed', 'No\u0007\nway')]);
    expect(text).toBe('there already  a[2J .md  (3 chunks)\nFAILED         b.md  No way\n');
  });
});
