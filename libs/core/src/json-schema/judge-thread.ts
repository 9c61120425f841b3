import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
// The build takes along what is imported, be it for a type alone: this is what the thread begins with.
import type { Said } from './judge.entry.js';
import type { Question, Verdict } from './judge.js';

const IDLE_MS = 10_000;
const LOOK_MS = 100;
const ENTRY = new URL('./judge.entry.js', import.meta.url);

/** What one question may take; more ends the thread and nothing else. */
interface JudgeLimits {
  /** Of the processor's time: that others keep the machine busy is not the question's fault. */
  readonly cpuMs: number;
  /** Until who waits is told so, on a machine that has no time at all. */
  readonly wallMs: number;
  readonly memoryMb: number;
}

/** Much longer than any honest schema needs. */
const LIMITS: JudgeLimits = { cpuMs: 2000, wallMs: 15_000, memoryMb: 96 };

/** A thread that judges one question at a time, apart from the event loop. It is there while it is used. */
export class JudgeThread {
  private worker?: Worker;
  private idle?: NodeJS.Timeout;

  constructor(private readonly limits = LIMITS) {}

  /** Gives undefined when the time was up, or the memory full. Ask again when it has answered. */
  async ask(question: Question): Promise<Verdict | undefined> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= await this.start());
    const done = new AbortController();
    try {
      worker.ref();
      const timeIsUp = this.timeIsUp(worker, done.signal);
      worker.postMessage(question, []);
      const verdict = await Promise.race([
        once(worker, 'message', { signal: done.signal }).then(([said]) => said as Exclude<Said, 'ready'>),
        once(worker, 'exit', { signal: done.signal }).then(() => undefined),
        timeIsUp,
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

  /** Resolves when the thread has had what it may have from now on. */
  private async timeIsUp(worker: Worker, signal: AbortSignal): Promise<undefined> {
    const { cpuMs, wallMs } = this.limits;
    const end = performance.now() + wallMs;
    try {
      const before = await worker.cpuUsage();
      while (performance.now() < end) {
        await sleep(Math.min(LOOK_MS, cpuMs), undefined, { signal });
        const { user, system } = await worker.cpuUsage(before);
        if (user + system >= cpuMs * 1000) return undefined;
      }
    } catch (error) {
      if (signal.aborted) return undefined;
      if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_NOT_RUNNING') throw error;
      // It ended by itself: why, its exit tells.
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    return undefined;
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
