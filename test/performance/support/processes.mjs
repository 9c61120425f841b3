import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

const pinnable = spawnSync('taskset', ['-V']).status === 0;

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts `node script` on processor 0 (where `taskset` exists) and resolves when `url` answers below 500. */
export async function startServer(script, env, url, timeoutMs = 30_000) {
  const command = [process.execPath, script];
  const [file, ...args] = pinnable ? ['taskset', '-c', '0', ...command] : command;
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = () =>
    new Promise((resolve) =>
      child.exitCode === null ? child.once('exit', resolve) && child.kill('SIGTERM') : resolve(),
    );
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${script} exited with ${child.exitCode} before it was ready`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer && answer.status < 500) return { child, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${url} did not answer within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
