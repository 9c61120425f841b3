import { plainLine, plainText } from '../plain-text.js';
import type { RunEvent } from './run-events.js';

interface Citation {
  readonly index: number;
  readonly documentTitle: string;
  readonly quote: string;
}

interface Output {
  readonly text: string;
  readonly citations?: readonly Citation[];
}

const LONGEST = 300;

/** Shows the events of a run as they come: what is said, the tools that are called, the quotes at the end. */
export class RunView {
  private lastDelta = 0;
  private messageId: unknown;
  private isMidLine = false;

  constructor(private readonly write: (text: string) => unknown) {}

  take({ seq, type, payload }: RunEvent): void {
    if (type === 'message.delta') this.say(seq, payload);
    else if (type === 'step.retried') this.takeBack(Number(payload['fromSeq']));
    else if (type === 'tool_call.requested') this.line(`  → ${payload['tool']} ${short(payload['input'])}`);
    else if (type === 'tool_call.completed') this.line(`  ← ${short(payload['output'])}`);
    else if (type === 'tool_call.failed') this.line(`  ✗ ${payload['tool']}: ${messageOf(payload)}`);
    else if (type === 'run.succeeded') this.conclude(payload['output'] as Output);
    else if (type === 'run.failed') this.line(`The run failed: ${messageOf(payload)}`);
    else if (type === 'run.cancelled') this.line('Cancelled.');
  }

  /** Something of its own on a line of its own. */
  line(text: string): void {
    this.endLine();
    this.write(`${plainText(text)}\n`);
  }

  private endLine(): void {
    if (this.isMidLine) this.write('\n');
    this.isMidLine = false;
  }

  private say(seq: number, { messageId, text }: RunEvent['payload']): void {
    if (messageId !== this.messageId) this.endLine();
    this.write(plainText(String(text)));
    [this.messageId, this.lastDelta, this.isMidLine] = [messageId, seq, true];
  }

  private takeBack(fromSeq: number): void {
    if (this.lastDelta < fromSeq) return;
    this.lastDelta = 0;
    this.line(' … (cut off; this begins anew)');
  }

  private conclude({ text, citations = [] }: Output): void {
    if (this.lastDelta === 0) this.line(text);
    else this.endLine();
    for (const { index, documentTitle, quote } of citations) {
      this.line(`  [${index}] ${plainLine(documentTitle)}: "${plainLine(quote)}"`);
    }
  }
}

function short(value: unknown): string {
  const text = plainLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

function messageOf({ error }: RunEvent['payload']): string {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return plainLine(`${message ?? 'no reason'} (${code ?? 'unknown'})`);
}
