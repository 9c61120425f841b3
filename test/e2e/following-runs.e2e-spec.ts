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
  let agentId: string;

  beforeAll(async () => {
    house = await testTenant();
    directory = await mkdtemp(join(tmpdir(), 'guildhall-follow-'));
    await symlink(resolve('node_modules'), join(directory, 'node_modules'));
    const page = await readFile('docs/runs.md', 'utf8');
    programs = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) =>
      block!.replaceAll('http://127.0.0.1:8000', house.url).replaceAll('gh_dev_local', house.apiKey),
    );
    agentId = (await house.post('/api/v1/agents', { name: 'followed', tools: ['calculator'] })).body.data.id;
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
    const started = await house.post('/api/v1/runs', { agentId, input: 'What is 15% of 240?' });
    const { id } = started.body.data;
    const { stdout } = await run(process.execPath, [file, id], { cwd: directory });
    const { status, output } = (await house.get(`/api/v1/runs/${id}`)).body.data;
    expect([status, stdout]).toEqual(['succeeded', output.text]);
  });
});
