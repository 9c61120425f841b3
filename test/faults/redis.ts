import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../libs/testing/src/server-process.js';
import { Daemon } from './daemon.js';
import { findProgram } from './programs.js';
import type { Stage } from './stage.js';
import { until } from './until.js';

/** A throwaway Redis without persistence: stopped, it has forgotten everything. */
export class Redis {
  private constructor(
    private readonly port: number,
    private readonly daemon: Daemon,
  ) {}

  /** Not yet running: some scenarios begin without it. */
  static async prepare(stage: Stage): Promise<Redis> {
    const directory = await mkdtemp(join(tmpdir(), 'guildhall-faults-redis-'));
    stage.after(() => rm(directory, { recursive: true, force: true }));
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const daemon = new Daemon(findProgram('redis-server'), args, { cwd: directory });
    stage.after(() => daemon.end('SIGKILL'));
    return new Redis(port, daemon);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    if (!this.daemon.running) this.daemon.start();
    await until('Redis answers', async () => (await this.command('PING')).startsWith('+PONG'), 10_000);
  }

  down(): Promise<void> {
    return this.daemon.end('SIGKILL');
  }

  freeze(): void {
    this.daemon.freeze();
  }

  thaw(): void {
    this.daemon.thaw();
  }

  async flush(): Promise<void> {
    await this.command('FLUSHALL');
  }

  private command(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`${line}\r\n`));
      socket.setTimeout(2_000, () => socket.destroy(new Error('Redis does not answer')));
      socket.once('error', reject).once('data', (bytes) => {
        resolve(bytes.toString());
        socket.destroy();
      });
    });
  }
}
