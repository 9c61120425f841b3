import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type TestTenant, testTenant } from '@guildhall/testing';

const run = promisify(execFile);

describe('the ways to follow a run in docs/runs.md', () => {
  let house: TestTenant;
  let directory: string;
  let programs: string[];
  let answered: { id: string; output: { text: string } };

  beforeAll(async () => {
    house = await testTenant();
    directory = await mkdtemp(join(tmpdir(), 'guildhall-follow-'));
    await symlink(resolve('node_modules'), join(directory, 'node_modules'));
    const page = await readFile('docs/runs.md', 'utf8');
    programs = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) =>
      block!.replaceAll('http://127.0.0.1:8000', house.url).replaceAll('gh_dev_local', house.apiKey),
    );
    const agent = await house.post('/api/v1/agents', { name: 'followed', tools: ['calculator'] });
    const body = { agentId: agent.body.data.id, input: 'What is 15% of 240?' };
    answered = (await house.post('/api/v1/runs', body, { headers: { prefer: 'wait=60' } })).body.data;
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await house?.close();
  });

  it.each([
    ['fetch', 'EventSourceParserStream'],
    ['an EventSource', 'new EventSource('],
  ])('are programs that print the answer and end: by %s', async (_, part) => {
    const [program, ...others] = programs.filter((one) => one.includes(part));
    expect(others).toEqual([]);
    const file = join(directory, 'follow.mts');
    await writeFile(file, program!);
    const { stdout } = await run(process.execPath, [file, answered.id], { cwd: directory });
    expect(stdout).toBe(answered.output.text);
  });
});
