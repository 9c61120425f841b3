import fc from 'fast-check';
import { parseForeignJson } from './foreign-json.js';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('JSON from a stranger', () => {
  it('is what JSON.parse makes of it, within bounds', () => {
    const value = fc.jsonValue({ maxDepth: 8 }).map((one) => JSON.stringify(one));
    fc.assert(
      fc.property(value, (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parseForeignJson(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  it('may hold what looks like brackets and fields in its texts', () => {
    const value = { a: `${'[{'.repeat(50)}":,\\"`, constructor: 1 };
    expect(parseForeignJson(JSON.stringify(value))).toEqual({ value });
  });

  it.each([
    ['', /is not JSON/],
    ['{"a":1', /is not JSON/],
    [nested(33), /may nest 32/],
    [nested(100_000), /may nest 32/],
    ['{"a":'.repeat(100_000), /may nest 32/],
    [`[${'0,'.repeat(50_000)}0]`, /may hold 50000 values/],
    [`"${'x'.repeat(1024 * 1024)}"`, /may have 1048576/],
    ['{"a":1,"a":2}', /gives a field twice/],
    ['{"a":{"__proto__":{"admin":true}}}', /'__proto__': rename it/],
    ['{"a":1e999}', /beyond/],
  ])('is refused in words that tell how to mend it: %.20s', (text, fault) => {
    expect(parseForeignJson(text)).toEqual({ fault: expect.stringMatching(fault) });
  });

  it('may nest 32 deep', () => expect(parseForeignJson(nested(32))).toHaveProperty('value'));
});
