import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, createServer, request } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type TestTenant, testTenant } from '@guildhall/testing';
import { ingestCommand } from '../../apps/cli/src/commands/ingest.js';

/** `guildhall ingest` against a whole server, as a command that is called and prints. */

let house: TestTenant;
let folder: string;
const printed: string[] = [];

beforeAll(async () => {
  house = await testTenant();
  jest.spyOn(console, 'log').mockImplementation((text: unknown) => void printed.push(`${text}\n`));
  jest.spyOn(process.stdout, 'write').mockImplementation((text: unknown) => printed.push(String(text)) > 0);
});
beforeEach(async () => {
  printed.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'ingest-'));
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(async () => {
  jest.restoreAllMocks();
  await house.close();
});

const said = () => printed.join('');
const ingest = (args: readonly string[], url = house.url) =>
  ingestCommand.run([...args, '--url', url, '--key', house.apiKey]);

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

describe('guildhall ingest', () => {
  it('takes a folder in, makes the collection, says what failed and why, and takes nothing in twice', async () => {
    await write({
      'returns.md': '# Returns\n\nParcels may be returned within 30 days.',
      'deep/er/prices.csv': 'item,price\nlamp,12\n',
      'deep/scan.pdf': Buffer.from('%PDF-1.7 …'),
      '.hidden/secret.md': 'Not to be taken in.',
      'node_modules/a/README.md': 'Not to be taken in.',
    });
    expect(await ingest([folder, '--collection', 'shop', '--create'])).toBe(1);
    expect(said()).toMatch(/^ready +returns\.md {2}\(1 chunk\)$/m);
    expect(said()).toMatch(/^ready +deep\/er\/prices\.csv {2}\(1 chunk\)$/m);
    expect(said()).toMatch(/^FAILED +deep\/scan\.pdf {2}Documents of type PDF cannot be read/m);
    expect(said()).toMatch(/^shop \(col_\w+\): 2 taken in, 0 there already, 1 failed$/m);
    const id = /col_\w+/.exec(said())![0];
    const { body } = await house.get(`/api/v1/collections/${id}/documents`);
    expect(body.data.map(({ title }: { title: string }) => title).toSorted()).toEqual([
      'deep/er/prices.csv',
      'returns.md',
    ]);

    await rm(join(folder, 'deep/scan.pdf'));
    expect(await ingest([folder, '--collection', id])).toBe(0);
    expect(said()).toContain('0 taken in, 2 there already, 0 failed');
  });

  it('names the collection that was probably meant', async () => {
    await write({ 'a.md': 'A text.' });
    await house.post('/api/v1/collections', { name: 'handbook' });
    await expect(ingest([folder, '--collection', 'handbok'])).rejects.toThrow(
      "No collection is called 'handbok'; did you mean 'handbook'? --create makes a new one",
    );
  });

  it('comes back to a server that is busy, or whose proxy finds it away, when it says', async () => {
    await write({ 'a.md': 'The first text.', 'b.md': 'The second text.' });
    const refused = new Map<string, number>();
    const proxy = createServer((incoming, outgoing) => {
      const isUpload = incoming.method === 'POST' && incoming.url!.endsWith('/documents');
      const times = refused.get(incoming.url!) ?? 0;
      if (!isUpload || times === 4) return forward(incoming, outgoing);
      refused.set(incoming.url!, times + 1);
      incoming.resume();
      const body = { error: { code: 'rate_limited', category: 'rate_limit', message: 'Slowly', retryable: true } };
      outgoing.writeHead(times % 2 === 0 ? 429 : 503, { 'retry-after': '0' });
      return outgoing.end(times % 2 === 0 ? JSON.stringify(body) : '<html>no server</html>');
    }).listen(0, '127.0.0.1');
    const forward = (incoming: IncomingMessage, outgoing: NodeJS.WritableStream & { writeHead: (n: number) => void }) =>
      void incoming.pipe(
        request(`${house.url}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
          outgoing.writeHead(answer.statusCode!);
          answer.pipe(outgoing);
        }),
      );
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    expect(await ingest([folder, '--collection', 'busy', '--create'], url)).toBe(0);
    proxy.close();
    expect([...refused.values()]).toEqual([4]);
    expect(said()).toContain('2 taken in, 0 there already, 0 failed');
  });

  it('ends at once, in words, at what every document would meet', async () => {
    await write({ 'a.md': 'A text.' });
    await expect(
      ingestCommand.run([folder, '--collection', 'shop', '--url', house.url, '--key', 'gh_wrong']),
    ).rejects.toThrow('--key, or GUILDHALL_API_KEY');
    await expect(ingest([folder, '--collection', 'shop'], 'http://127.0.0.1:1')).rejects.toThrow(
      'No Guildhall answers at http://127.0.0.1:1',
    );
  });

  it.each([
    [['--collection', 'shop'], 'Name what to take in'],
    [['.'], '--collection names where to'],
    [['no/such/file', '--collection', 'shop'], "'no/such/file' cannot be read (ENOENT)"],
  ])('says of %j what is missing', async (args, words) => {
    await expect(ingest(args)).rejects.toThrow(words);
  });
});
