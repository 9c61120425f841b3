import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ServerProcess, startServerProcess } from '@guildhall/testing';
import { unboundedInputs } from './openapi/unbounded-inputs.js';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly security?: readonly unknown[];
  readonly components: { readonly responses: Readonly<Record<string, Answer>> };
}

const run = promisify(execFile);
const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

describe('the OpenAPI document of the built server', () => {
  jest.setTimeout(180_000);
  let directory: string;
  let server: ServerProcess;
  let document: Document;
  let operations: (readonly [string, Operation])[];
  const answerOf = (answer: Answer): Answer =>
    answer.$ref === undefined ? answer : document.components.responses[answer.$ref.split('/').at(-1)!]!;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guildhall-openapi-'));
    server = await startServerProcess({ env: { DATA_DIR: join(directory, 'data') } });
    document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => METHODS.has(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );
  });
  afterAll(async () => {
    await server.kill('SIGTERM');
    await rm(directory, { recursive: true, force: true });
  });

  it('bounds every text, list and free object that a route takes', () => {
    const open = [...unboundedInputs(document as never)].toSorted();
    expect(open).toEqual([]);
  });

  it('lints clean by the recommended rules, examples included', async () => {
    const file = join(directory, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    // The form of failures that a client may ask for instead, `Problem`, is described in words.
    const rules = ['--extends=recommended', '--skip-rule=no-unused-components'];
    const args = ['node_modules/@redocly/cli/bin/cli.js', 'lint', file, ...rules, '--format=json'];
    const { stdout } = await run(process.execPath, args, { env, maxBuffer: 16 * 2 ** 20 }).catch(
      (failed: { stdout: string }) => failed,
    );
    const { totals, problems } = JSON.parse(stdout) as {
      totals: { errors: number; warnings: number };
      problems: { message: string; location: { pointer: string }[] }[];
    };
    expect(problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`)).toEqual([]);
    expect(totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('names every operation once, in words', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.every(Boolean)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations.filter(([, { summary, tags }]) => !summary || !tags?.length).map(([name]) => name)).toEqual([]);
  });

  it('gives every operation a success and the failures it can have, each with a schema', () => {
    const faulty = operations.filter(([, { responses }]) => {
      const statuses = Object.keys(responses);
      const failures = statuses.filter((status) => /^[45]/.test(status) || status === 'default');
      return (
        !statuses.some((status) => /^[23]/.test(status)) ||
        failures.length === 0 ||
        failures.some((status) => !Object.values(answerOf(responses[status]!).content ?? {})[0]?.schema)
      );
    });
    expect(faulty.map(([name]) => name)).toEqual([]);
  });

  it('shows Swagger UI at /docs, with its script allowed by the content policy', async () => {
    const page = await fetch(`${server.url}/docs`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('swagger-ui');
    expect((await fetch(`${server.url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
  });
});
