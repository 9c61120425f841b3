import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { listJson } from './list-json.js';

const meta = { requestId: 'req_1', pagination: undefined };
const answer = (data: unknown[]) => ({ success: true as const, data, meta });

describe('the JSON of a list', () => {
  it('is what it would be in one piece', async () => {
    const item = fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.date({ noInvalidDate: true }));
    await fc.assert(
      fc.asyncProperty(fc.array(item), fc.integer({ min: 0, max: 3 }), async (items, long) => {
        const data = [...items, ...Array.from({ length: long }, () => 'ä'.repeat(100_000)), ...items];
        expect(await listJson(answer(data))).toBe(JSON.stringify(answer(data)));
      }),
    );
  });

  it('is there at once where it is short', () => {
    expect(listJson(answer([{ id: 'a' }]))).toBe(JSON.stringify(answer([{ id: 'a' }])));
  });

  it('gives others their turns where it is long', async () => {
    const making = Promise.resolve(listJson(answer(Array.from({ length: 64 }, () => 'x'.repeat(64 * 1024)))));
    let made = false;
    void making.then(() => (made = true));
    let turns = 0;
    for (; !made; turns++) await nextTurn();
    expect(turns).toBeGreaterThanOrEqual(20);
  });
});
