import type { AgentRunSignal } from '@guildhall/sdk';
import { type RunEvent, isLastEvent } from './run-event.js';

interface Piece {
  readonly seq: number;
  readonly text: string;
}

/** A run's events as what the agent says: a blank line between its messages, a restart when words were taken back. */
export class RunSpeech {
  /** The run rests: it has ended, or somebody must answer. */
  isOver = false;
  private pieces: Piece[] = [];
  private messageId: unknown;

  constructor(private readonly onSignal: (signal: AgentRunSignal) => void) {}

  take({ seq, type, payload }: RunEvent): void {
    if (type === 'message.delta') this.say(seq, payload['messageId'], String(payload['text']));
    else if (type === 'step.retried') this.takeBack(Number(payload['fromSeq']));
    else if (isLastEvent(type) || type === 'run.waiting' || type === 'run.needs_attention') this.isOver = true;
  }

  private say(seq: number, messageId: unknown, text: string): void {
    const isNext = this.pieces.length > 0 && messageId !== this.messageId;
    this.messageId = messageId;
    const piece = { seq, text: isNext ? `\n\n${text}` : text };
    this.pieces.push(piece);
    this.onSignal({ type: 'delta', text: piece.text });
  }

  private takeBack(fromSeq: number): void {
    const kept = this.pieces.filter(({ seq }) => seq < fromSeq);
    if (kept.length === this.pieces.length) return;
    this.pieces = kept;
    this.messageId = undefined;
    this.onSignal({ type: 'restart' });
    for (const { text } of kept) this.onSignal({ type: 'delta', text });
  }
}
