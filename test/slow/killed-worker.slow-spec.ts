import { type ChildProcess, spawn } from 'node:child_process';
import { type Interface, createInterface } from 'node:readline';
import { once } from 'node:events';
import { type TestDatabase, testDatabase } from '@guildhall/testing';

const onServer = process.env['TEST_DATABASE_URL'] === undefined ? describe.skip : describe;

/** A process that works on jobs, and the lines it prints. */
class WorkerProcess {
  readonly child: ChildProcess;
  private readonly lines: Interface;

  constructor(url: string) {
    const args = ['--import', './test/fixtures/run-typescript.mjs', 'test/fixtures/job-worker.ts', url];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! });
  }

  async says(wanted: string): Promise<void> {
    for (;;) {
      const [line] = (await once(this.lines, 'line')) as [string];
      if (line === wanted) return;
    }
  }
}

onServer('a job whose worker is killed', () => {
  let testing: TestDatabase;
  const workers: WorkerProcess[] = [];

  beforeAll(async () => {
    testing = await testDatabase();
  });
  afterAll(async () => {
    for (const { child } of workers) child.kill('SIGKILL');
    await testing.close();
  });

  it('runs again in another process within half a minute', async () => {
    const start = async () => {
      const worker = new WorkerProcess(testing.url);
      workers.push(worker);
      await worker.says('working');
      return worker;
    };
    const first = await start();
    const { source } = await testing.connect();
    const begun = first.says('attempt 1');
    await source.query(`INSERT INTO pgboss.job_common (name, data, policy, heartbeat_seconds, retry_limit)
                        SELECT name, '{}', policy, heartbeat_seconds, retry_limit FROM pgboss.queue WHERE name = 'long'`);
    await begun;
    const second = await start();
    const resumed = second.says('attempt 2');
    first.child.kill('SIGKILL');
    const from = performance.now();
    await resumed;
    expect(performance.now() - from).toBeLessThan(30_000);
  }, 60_000);
});
