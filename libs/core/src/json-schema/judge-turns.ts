import type { Question, Verdict } from './judge.js';
import type { JudgeThread } from './judge-thread.js';

/** What is asked of a thread, as far as turns are concerned. */
type Judge = Pick<JudgeThread, 'ask'>;

interface Waiting {
  readonly question: Question;
  readonly answer: (verdict: Promise<Verdict | undefined>) => void;
}

/**
 * Lets tenants ask in turn, each one question at a time: however many hostile ones a tenant has, another waits for no
 * more than one of each.
 */
export class JudgeTurns {
  /** By tenant; the one whose turn is next first. */
  private readonly lines = new Map<string, Waiting[]>();
  private readonly asking = new Set<string>();
  private readonly free: Judge[];

  constructor(judges: readonly Judge[]) {
    this.free = [...judges];
  }

  /** Gives undefined where the question took too much. */
  ask(tenantId: string, question: Question): Promise<Verdict | undefined> {
    return new Promise((answer) => {
      const line = this.lines.get(tenantId);
      if (line) line.push({ question, answer });
      else this.lines.set(tenantId, [{ question, answer }]);
      this.go();
    });
  }

  private go(): void {
    for (const [tenantId, line] of this.lines) {
      if (this.free.length === 0) return;
      if (this.asking.has(tenantId)) continue;
      const { question, answer } = line.shift()!;
      // Behind the others, if there is more.
      this.lines.delete(tenantId);
      if (line.length > 0) this.lines.set(tenantId, line);
      answer(this.judge(tenantId, question, this.free.pop()!));
    }
  }

  private async judge(tenantId: string, question: Question, judge: Judge): Promise<Verdict | undefined> {
    this.asking.add(tenantId);
    try {
      return await judge.ask(question);
    } finally {
      this.asking.delete(tenantId);
      this.free.push(judge);
      this.go();
    }
  }
}
