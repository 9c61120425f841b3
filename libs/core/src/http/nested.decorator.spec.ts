import { plainToInstance } from 'class-transformer';
import { IsInt, validateSync } from 'class-validator';
import { validationFailed } from '../errors/validation-faults.js';
import { Nested, NestedList } from './nested.decorator.js';

class Part {
  @IsInt()
  size: number;
}
class Whole {
  @Nested(() => Part)
  main: Part;

  @NestedList(() => Part)
  parts: Part[];
}

const part = { size: 1 };
const faultsOf = (fields: object) =>
  validationFailed(validateSync(plainToInstance(Whole, { main: part, parts: [part], ...fields }))).details?.map(
    ({ path, code }) => `${path} ${code}`,
  );

describe('nested objects', () => {
  it('are taken with what is in them checked', () => {
    expect(faultsOf({ parts: [] })).toEqual([]);
    expect(faultsOf({ main: { size: 'x' }, parts: [part, { size: 'x' }] })).toEqual([
      'main.size invalid_type',
      'parts[1].size invalid_type',
    ]);
  });

  it.each([[[]], [[part]], [[[]]], [null], [7], ['x']])('are not made of %j', (main) => {
    expect(faultsOf({ main })).toEqual(['main invalid_type']);
  });

  it.each([[part], [[[]]], [[[part]]], [[null]], [[7]], [null], ['x']])('make no list of %j', (parts) => {
    expect(faultsOf({ parts })?.at(0)).toBe('parts invalid_type');
  });
});
