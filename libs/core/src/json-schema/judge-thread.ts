import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
// The build takes along what is imported, be it for a type alone: this is what the thread begins with.
import type { Said } from './judge.entry.js';
import type { Question, Verdict } from './judge.js';

const IDLE_MS = 10_000;
const ENTRY = new URL('./judge.entry.js', import.meta.url);

/** What one question may take; more ends the thread and nothing else. */
interface JudgeLimits {
  readonly ms: number;
  readonly memoryMb: number;
}

/** Much longer than any honest schema needs, also on a busy machine: nobody but others of its kind waits meanwhile. */
const LIMITS: JudgeLimits = { ms: 3000, memoryMb: 96 };

/** A thread that judges one question after another, apart from the event loop. It is there while it is used. */
export class JudgeThread {
  /** How many wait for it. */
  waiting = 0;
  private worker?: Worker;
  private turn: Promise<unknown> = Promise.resolve();
  private idle?: NodeJS.Timeout;

  constructor(private readonly limits = LIMITS) {}

  /** Gives undefined when the time was up, or the memory full. */
  ask(question: Question): Promise<Verdict | undefined> {
    this.waiting++;
    const answer = this.turn.then(() => this.askNext(question)).finally(() => this.waiting--);
    this.turn = answer.catch(() => undefined); // told to who asked
    return answer;
  }

  private async askNext(question: Question): Promise<Verdict | undefined> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= await this.start());
    const done = new AbortController();
    try {
      worker.ref();
      worker.postMessage(question, []);
      const verdict = await Promise.race([
        once(worker, 'message', { signal: done.signal }).then(([said]) => said as Exclude<Said, 'ready'>),
        once(worker, 'exit', { signal: done.signal }).then(() => undefined),
        sleep(this.limits.ms, undefined, { signal: done.signal }),
      ]);
      if (verdict) this.rest(worker);
      else await this.stop(worker);
      return verdict;
    } catch (error) {
      await this.stop(worker);
      if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return undefined;
      throw error;
    } finally {
      done.abort();
    }
  }

  private async start(): Promise<Worker> {
    const worker = new Worker(ENTRY, { resourceLimits: { maxOldGenerationSizeMb: this.limits.memoryMb } });
    await once(worker, 'message');
    // Between two questions nobody listens, and an error that nobody hears would end the process.
    worker.on('error', () => undefined);
    return worker;
  }

  private rest(worker: Worker): void {
    worker.unref();
    this.idle = setTimeout(() => void this.stop(worker), IDLE_MS).unref();
  }

  private async stop(worker: Worker): Promise<void> {
    if (this.worker === worker) this.worker = undefined;
    await worker.terminate();
  }
}
