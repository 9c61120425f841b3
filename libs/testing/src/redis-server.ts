import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server-process.js';

/** A Redis of the test's own, to stop, hang and start again. */
export class RedisServer {
  /** Without it such tests are skipped, but never in CI. */
  static isInstalled(): boolean {
    const installed = spawnSync('redis-server', ['--version']).status === 0;
    if (!installed && process.env['CI']) throw new Error('CI needs redis-server: no test is skipped there');
    return installed;
  }

  private process: ChildProcess | undefined;
  private readonly dir = mkdtempSync(join(tmpdir(), 'redis-'));

  private constructor(readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const args = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      this.dir,
    ];
    this.process = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const chunk of this.process.stdout!) if (String(chunk).includes('Ready to accept')) break;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process!.kill(signal);
  }

  async stop(): Promise<void> {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
