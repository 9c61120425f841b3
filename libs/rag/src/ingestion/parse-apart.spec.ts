import { setTimeout as sleep } from 'node:timers/promises';
import { parseApart } from './parse-apart.js';

const terms = { signal: new AbortController().signal, memoryLeft: Infinity };
const PLAIN = { type: 'text/plain' } as const;

describe('a document that is read apart', () => {
  it('comes back whole, and its bytes stay', async () => {
    const bytes = Buffer.alloc(200_000, 'Das Walroß schwimmt. ');
    const { text, spans } = await parseApart(bytes, PLAIN, terms);
    expect(Buffer.from(text).equals(bytes.subarray(0, Buffer.byteLength(text)))).toBe(true);
    expect(spans.length).toBeGreaterThan(10);
    expect(bytes.length).toBe(200_000);
  });

  it('is refused in the words of its parser', async () => {
    const broken = Buffer.from(`{"a": "${'x'.repeat(100_000)}"`);
    await expect(parseApart(broken, { type: 'application/json' }, terms)).rejects.toMatchObject({
      code: 'document_unparsable',
      message: expect.stringContaining('not valid JSON'),
    });
  });

  it('ends its reader alone where it takes too much memory', async () => {
    const nested = Buffer.from(`[0${',[]'.repeat(4 * 1024 * 1024)}]`);
    const reading = parseApart(nested, { type: 'application/json' }, { ...terms, memoryLeft: 0 });
    await expect(reading).rejects.toMatchObject({
      code: 'document_unparsable',
      message: expect.stringContaining('memory'),
    });
  });

  it('is given up when the signal aborts', async () => {
    const stop = new AbortController();
    const reading = parseApart(Buffer.alloc(20_000_000, 'word '), PLAIN, { ...terms, signal: stop.signal });
    await Promise.race([reading, sleep(50)]);
    stop.abort(new Error('stopping'));
    await expect(reading).rejects.toThrow('stopping');
  });
});
