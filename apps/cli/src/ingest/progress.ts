import { plainLine } from '../plain-text.js';
import type { Outcome } from './ingest-source.js';

const BAR = 24;
const WORDS = { ready: 'ready', known: 'there already', failed: 'FAILED' } as const;

/** What a person sees meanwhile: a bar in a terminal, with a line for each failure; elsewhere a line for each document. */
export class Progress {
  private done = 0;

  constructor(
    private readonly total: number,
    private readonly terminal: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown },
  ) {}

  start(): void {
    if (this.terminal.isTTY) this.draw('');
  }

  report(outcome: Outcome): void {
    this.done++;
    const { isTTY } = this.terminal;
    if (!isTTY || outcome.status === 'failed') this.terminal.write(`${isTTY ? CLEAR : ''}${describe(outcome)}\n`);
    if (isTTY) this.draw(outcome.source.title);
  }

  end(): void {
    if (this.terminal.isTTY) this.terminal.write(CLEAR);
  }

  private draw(title: string): void {
    const filled = Math.round((BAR * this.done) / this.total);
    const line = `[${'#'.repeat(filled).padEnd(BAR, '-')}] ${this.done}/${this.total}  ${plainLine(title)}`;
    this.terminal.write(`${CLEAR}${line.slice(0, (this.terminal.columns ?? 80) - 1)}`);
  }
}

const CLEAR = '\r\u001b[K';

const describe = ({ source, status, note }: Outcome): string =>
  `${WORDS[status].padEnd(13)}  ${plainLine(source.title)}  ${status === 'failed' ? plainLine(note) : `(${note})`}`;
