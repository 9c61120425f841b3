import { changedNumbers, isKept } from './json-numbers.js';

describe('isKept', () => {
  it.each([
    '0',
    '-0',
    '0e99999',
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '12345678901234567000',
    '1e300',
    '1E+300',
    '100000000000000000000000000000',

    '0.1234567890123456789012',
    '3.141592653589793238462643',
    '5e-324',
    '0.00000000000000000000000000000001',
  ])('keeps %s', (source) => expect(isKept(source)).toBe(true));

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890',
    '12345678901234567890.0',
    '1.2345678901234567890e19',
    '9223372036854775807',
    '1e400',
    '-1e400',
    '1e-400',
    '0.1e-400',
    `${'9'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
  ])('does not keep %s', (source) => expect(isKept(source)).toBe(false));
});

describe('changedNumbers', () => {
  it('names each by its path, whatever the order of keys', () => {
    const text = '{"b":[1,{"x":12345678901234567890}],"2":1e999,"1":0.1,"a":{"2":1e-400}}';
    expect(changedNumbers(text, 'metadata').map(({ path }) => path)).toEqual([
      'metadata.2',
      'metadata.b[1].x',
      'metadata.a.2',
    ]);
  });

  it('names a number that is the whole text', () => {
    expect(changedNumbers('12345678901234567890', '')).toMatchObject([{ path: '', code: 'number_out_of_range' }]);
  });
});
