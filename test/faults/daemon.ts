import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface DaemonOptions {
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A server that is no part of Guildhall: started, ended by a signal, frozen and thawed, with all its children. */
export class Daemon {
  private child: ChildProcess | undefined;
  private log = '';

  constructor(
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly options: DaemonOptions,
  ) {}

  start(): void {
    const child = spawn(this.program, this.args, { ...this.options, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (bytes: Buffer) => (this.log = (this.log + bytes.toString()).slice(-4000)));
    this.child = child;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The last it printed. */
  get output(): string {
    return this.log;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const closed = once(this.child!, 'close');
    this.signalAll('SIGCONT');
    this.child!.kill(signal);
    await closed;
  }

  freeze(): void {
    this.signalAll('SIGSTOP');
  }

  thaw(): void {
    this.signalAll('SIGCONT');
  }

  private signalAll(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (!this.running || pid === undefined) return;
    for (const each of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(each, signal);
      } catch {
        // A child that has just ended.
      }
    }
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
