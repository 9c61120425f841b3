import fc from 'fast-check';
import type { AppError } from '@guildhall/sdk';
import { parseJsonBody } from './json-body.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));
const faultOf = (text: string | Buffer): AppError => {
  try {
    parseJsonBody(Buffer.from(text as string));
  } catch (error) {
    return error as AppError;
  }
  throw new Error('was accepted');
};
/** Text that Postgres can store: whole characters, no NUL. */
const storable = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed());
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, storable, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(
    storable.filter((key) => !forbidden.has(key)),
    tie('value'),
    { maxKeys: 4 },
  ),
})).value;

describe('parseJsonBody', () => {
  it('gives back every storable value as it was', () => {
    fc.assert(fc.property(json, (value) => expect(parse(JSON.stringify(value))).toEqual(value)));
  });

  it('never throws anything but a 400 for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            parseJsonBody(Buffer.from(bytes));
          } catch (error) {
            expect((error as AppError).category).toBe('validation');
          }
        },
      ),
    );
  });

  it('takes an empty body as none', () => expect(parse('')).toBeUndefined());

  it('counts depth outside strings only', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parse(nested(32))).toBeDefined();
    expect(faultOf(nested(33)).details?.[0]).toMatchObject({ code: 'too_deep' });
    expect(parse(JSON.stringify({ text: '[{'.repeat(100), escaped: '\\"[['.repeat(50) }))).toBeDefined();
  });

  it('names the place of what cannot be stored', () => {
    expect(faultOf('{"a":[{"b":"x\\u0000"}],"c":"\\ud83d"}').details).toEqual([
      { path: 'a[0].b', code: 'nul_character', message: expect.any(String) },
      { path: 'c', code: 'lone_surrogate', message: expect.any(String) },
    ]);
    expect(faultOf('{"\\u0000":1}').details?.[0]?.code).toBe('nul_character');
    expect(parse('{"a":"\\ud83d\\ude00","b":"\\\\u0000"}')).toEqual({ a: '😀', b: '\\u0000' });
  });

  it('refuses a number that it could not give back', () => {
    expect(faultOf('{"metadata":{"n":[1e999,-1e999]}}').details).toEqual([
      { path: 'metadata.n[0]', code: 'number_out_of_range', message: expect.any(String) },
      { path: 'metadata.n[1]', code: 'number_out_of_range', message: expect.any(String) },
    ]);
    expect(faultOf('{"metadata":{"id":12345678901234567890}}').details).toEqual([
      { path: 'metadata.id', code: 'number_out_of_range', message: expect.stringContaining('Send it as a string') },
    ]);
    expect(faultOf('[1e-999]').details?.[0]).toMatchObject({ path: '[0]', code: 'number_out_of_range' });
    expect(parse('[1e308,-1e308,"1e999",{"12345678901234567890":0.1234567890123456789}]')).toEqual([
      1e308,
      -1e308,
      '1e999',
      { '12345678901234567890': 0.12345678901234568 },
    ]);
  });

  it.each(['{"__proto__":1}', '{"\\u005f_proto__":1}', '{"a":{"constructor":{}}}', '[{"prototype":1}]'])(
    'refuses the key in %s',
    (text) => {
      expect(faultOf(text).details?.[0]?.code).toBe('forbidden_key');
    },
  );

  it('refuses a field given twice at any depth, not one of two objects', () => {
    expect(faultOf('{"a":{"b":1,"b":1}}').details?.[0]?.code).toBe('duplicate_field');
    expect(faultOf('{"a":1,"\\u0061":2}').details?.[0]?.code).toBe('duplicate_field');
    expect(parse('[{"a":1},{"a":1}]')).toHaveLength(2);
  });

  it('refuses more fields than anybody means', () => {
    const fields = Array.from({ length: 50_001 }, (_, index) => `"${index}":0`).join(',');
    expect(faultOf(`{${fields}}`).details?.[0]?.code).toBe('too_many_fields');
  });

  it.each(['{', '{"a":}', 'NaN', "{'a':1}", '{"a":1,}', '\uFEFF{}', '"a\u0001"', '{"a":1}x'])(
    'calls %s malformed',
    (text) => {
      expect(faultOf(text).code).toBe('malformed_json');
    },
  );

  it('calls bytes that are no UTF-8 malformed', () => {
    expect(faultOf(Buffer.from([0x22, 0xff, 0x22])).code).toBe('malformed_json');
  });

  it('takes objects of 2 000 fields, and no more', () => {
    const fields = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}":{"a":1}`).join()}}`;
    expect(Object.keys(parse(fields(2000)) as object)).toHaveLength(2000);
    expect(parse(`[${fields(1500)},${fields(1500)}]`)).toHaveLength(2);
    expect(faultOf(fields(2001)).details).toEqual([
      { path: '', code: 'too_many_fields', message: 'Give an object at most 2000 fields' },
    ]);
  });

  it('lists the first hundred of many faults', () => {
    const { details } = faultOf(`[${Array.from({ length: 300 }, () => '{"__proto__":1}').join()}]`);
    expect(details).toHaveLength(101);
    expect(details!.at(-1)).toEqual({ path: '', code: 'more_faults', message: '200 more faults are not listed' });
  });
});
