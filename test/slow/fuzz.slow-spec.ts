import fc from 'fast-check';
import { type OpenApi, type Operation, operationsOf } from './fuzz/document.js';
import { FuzzHouse } from './fuzz/house.js';
import { openAiFault, openAiRequests } from './fuzz/openai.js';
import { type FuzzRequest, requestsOf } from './fuzz/requests.js';
import { type FuzzAnswer, type Verdict, verdictBy } from './fuzz/verdict.js';

/** Another seed sends other requests: `FUZZ_SEED=1 npm run jest -- --selectProjects slow --runTestsByPath …`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 5000);
const AT_ONCE = 8;
const LONG_MS = 5000;

jest.setTimeout(600_000);

describe('a built server that gets requests made of its own OpenAPI document', () => {
  let house: FuzzHouse;
  let document: OpenApi;
  let judge: Verdict;
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  /** The longest that the plainest requests took meanwhile: how slow the machine and its database are by themselves. */
  let slowest = 0;

  /** In rounds of a request an operation, so that what one makes the others meet. */
  function* rounds(operations: readonly Operation[]): Generator<readonly [Operation, FuzzRequest]> {
    const numRuns = Math.ceil(REQUESTS / operations.length);
    const samples = operations.map((one, at) => fc.sample(requestsOf(one, document), { seed: SEED + at, numRuns }));
    for (let round = 0; round < numRuns; round++)
      for (const [at, operation] of operations.entries()) yield [operation, samples[at]![round]!];
  }

  async function ask(name: string, request: FuzzRequest, faultOf: (answer: FuzzAnswer) => string | undefined) {
    const sent = `${name}: ${JSON.stringify({ ...request, body: request.body?.toString().slice(0, 2000) })}`;
    try {
      const answer = await house.send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(answer);
      if (fault) faults.push(`${fault} <- ${sent} -> ${answer.text.slice(0, 500)}`);
      if (answer.ms > LONG_MS && answer.ms > 10 * slowest) faults.push(`took ${answer.ms} ms <- ${sent}`);
    } catch (error) {
      faults.push(`${String(error)} <- ${sent}`);
    }
  }

  beforeAll(async () => {
    house = await FuzzHouse.start();
    await house.furnish();
    document = (await (await fetch(`${house.server.url}/openapi.json`)).json()) as OpenApi;
    judge = verdictBy(document);
  });
  afterAll(() => house?.close());

  /** Takes from the requests, several at once, as long as there are any. */
  async function askAll(asked: Iterator<() => Promise<void>>): Promise<void> {
    let done = false;
    const clients = Array.from({ length: AT_ONCE }, async () => {
      for (let next = asked.next(); !next.done; next = asked.next()) await next.value();
    });
    const watch = async () => {
      while (!done) {
        for (const path of ['/health/live', '/api/v1/threads?limit=1']) {
          const { ms } = await house.send({ method: 'GET', path, headers: {} });
          slowest = Math.max(slowest, ms);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const watching = watch();
    await Promise.all(clients).finally(() => (done = true));
    await watching;
  }

  it('answers each as documented, and none with a fault of its own', async () => {
    process.stdout.write(`FUZZ_SEED=${SEED}\n`);
    await askAll(
      rounds(operationsOf(document)).map(([operation, request]) => () => {
        return ask(operation.name, request, (answer) => judge(operation, answer));
      }),
    );
    process.stdout.write(
      `${JSON.stringify([...statuses].toSorted())}, slowest plain request ${slowest.toFixed(0)} ms\n`,
    );
    expect(faults).toEqual([]);
    // Requests that nobody takes would find nothing.
    const taken = [...statuses].reduce((sum, [status, count]) => sum + (status < 300 ? count : 0), 0);
    expect(taken).toBeGreaterThan(REQUESTS / 5);
  });

  it("answers the clients of OpenAI's protocol, however wrong, in the words of that protocol", async () => {
    const before = new Map(statuses);
    const sample = fc.sample(openAiRequests, { seed: SEED, numRuns: Math.ceil(REQUESTS / 5) });
    await askAll(
      sample.values().map((request) => () => ask(`${request.method} ${request.path}`, request, openAiFault)),
    );
    expect(faults).toEqual([]);
    const taken = (statuses.get(200) ?? 0) - (before.get(200) ?? 0);
    expect(taken).toBeGreaterThan(sample.length / 20);
  });

  it('is alive and ready afterwards, and has no error in its log', async () => {
    expect((await fetch(`${house.server.url}/health/ready`)).status).toBe(200);
    const lines = house.server.output().split('\n').filter(Boolean);
    expect(lines.filter((line) => /"level":"?(error|fatal|50|60)/.test(line))).toEqual([]);
  });
});
