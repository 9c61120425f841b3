import { type ServerProcess, startServerProcess } from '@guildhall/testing';

jest.setTimeout(300_000);

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
}

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const agent = (fields: object): Sent => ({ path: '/api/v1/agents/validate', body: { name: 'a', ...fields } });
const ref = (at: number) => ({ $ref: `#/$defs/d${at}` });
/** Every reference is followed twice, thirty times over. */
const doubling = {
  type: 'object',
  properties: { a: ref(0) },
  $defs: Object.fromEntries(times(30, (at) => [`d${at}`, { allOf: [ref(at + 1), ref(at + 1)] }])),
};
const alternatives = (seed: number) => ({
  type: 'object',
  anyOf: times(800, (at) => ({ properties: { [`p${seed}_${at}`]: { type: 'string' } }, required: [`p${seed}_${at}`] })),
});

/** What held the loop for seconds, and what comes of it now. */
const HOSTILE: readonly [string, statuses: readonly number[], readonly Sent[]][] = [
  ['120 000 tools', [200], [agent({ tools: times(120_000, (at) => `t${at % 10}`) })]],
  [
    '100 000 scopes',
    [400],
    [{ path: '/api/v1/api-keys', body: { name: 'a', scopes: times(100_000, (at) => `s${at}`) } }],
  ],
  ['49 000 unknown fields', [400], [{ path: '/api/v1/threads', body: fields(49_000) }]],
  ['49 000 fields of metadata', [400], [{ path: '/api/v1/threads', body: { metadata: fields(49_000) } }]],
  ['ten schemas of 800 alternatives', [200], times(10, (at) => agent({ outputSchema: alternatives(at) }))],
  ['references that multiply', [200], times(5, (at) => agent({ outputSchema: { ...doubling, title: String(at) } }))],
  [
    'a pattern that others backtrack over',
    [200, 201],
    [agent({ outputSchema: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } } })],
  ],
  ['3 900 groups', [400], times(5, () => ({ path: `/api/v1/usage?groupBy=${times(3900, () => 'day').join()}` }))],
];

describe('a small body', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startServerProcess({ env: { DATABASE_URL: 'pglite:memory', BOOTSTRAP_API_KEY: 'gh_dev_local' } });
  });
  afterAll(() => server.kill('SIGKILL'));

  const send = async ({ path, body }: Sent) => {
    const headers = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${server.url}${path}`, { headers, ...init });
    await answer.arrayBuffer();
    return answer.status;
  };

  /** How long the server said nothing, at most, while it worked on this. */
  async function longestSilence(requests: readonly Sent[]): Promise<{ silence: number; statuses: Set<number> }> {
    let silence = 0;
    let done = false;
    const watch = async () => {
      while (!done) {
        const asked = performance.now();
        await (await fetch(`${server.url}/health/live`)).arrayBuffer();
        silence = Math.max(silence, performance.now() - asked);
      }
    };
    const watching = watch();
    const statuses = new Set(await Promise.all(requests.map(send)));
    done = true;
    await watching;
    return { silence, statuses };
  }

  it.each(HOSTILE)('holds nobody up much longer than a plain one of its size: %s', async (_, statuses, requests) => {
    const plain = requests.map(({ body }): Sent => ({
      path: '/api/v1/agents/validate',
      body: { name: 'a', instructions: 'x'.repeat(JSON.stringify(body ?? '').length) },
    }));
    await longestSilence(plain);
    const expected = await longestSilence(plain);
    const met = await longestSilence(requests);
    expect(statuses).toEqual(expect.arrayContaining([...met.statuses]));
    // Seconds, all of them, before they were bounded; a busy machine makes both longer, and many small values cost more
    // to read than the one text of the plain body.
    expect(met.silence).toBeLessThan(10 * expected.silence + 200);
  });
});

function fields(count: number): Record<string, number> {
  return Object.fromEntries(times(count, (at) => [`k${at}`, at]));
}
