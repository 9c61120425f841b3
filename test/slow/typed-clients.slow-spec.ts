import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type ServerProcess, startServerProcess } from '@guildhall/testing';
import { HEY_API_PROGRAM, OPENAPI_FETCH_PROGRAM } from './openapi/typed-clients.js';

const run = promisify(execFile);
const modules = resolve('node_modules');
const KEY = 'gh_dev_local';

const STRICT = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: 'out',
  },
};

describe('clients generated of the OpenAPI document, with the defaults of their generators', () => {
  jest.setTimeout(600_000);
  let server: ServerProcess;
  let directory: string;

  beforeAll(async () => {
    server = await startServerProcess({ env: { DATABASE_URL: 'pglite:memory', BOOTSTRAP_API_KEY: KEY } });
  });
  afterAll(() => server?.kill('SIGKILL'));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guildhall-client-'));
    await symlink(modules, join(directory, 'node_modules'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(STRICT));
    await writeFile(join(directory, 'openapi.json'), await (await fetch(`${server.url}/openapi.json`)).text());
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const node = async (...args: readonly string[]): Promise<string> => {
    try {
      return (await run(process.execPath, args, { cwd: directory, maxBuffer: 16 * 2 ** 20 })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${stdout}\n${stderr}`, { cause: error });
    }
  };

  it.each([
    ['openapi-typescript/bin/cli.js', ['openapi.json', '-o', 'generated.ts'], OPENAPI_FETCH_PROGRAM],
    ['@hey-api/openapi-ts/bin/run.js', ['-i', 'openapi.json', '-o', 'generated'], HEY_API_PROGRAM],
  ])('compile strictly, have one type of errors, and work: %s', async (generator, args, program) => {
    await node(join(modules, generator), ...args);
    await writeFile(join(directory, 'program.ts'), program);
    await node(join(modules, 'ts7/bin/tsc'), '-p', 'tsconfig.json');
    expect(await node('out/program.js', server.url, KEY)).toBe('english run_not_found 202');
  });
});
