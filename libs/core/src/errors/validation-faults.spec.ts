import { IsIn, IsInt, IsString, MaxLength, Min, MinLength, validateSync } from 'class-validator';
import { validationFailed } from './validation-faults.js';

class Order {
  @IsString()
  @MinLength(2)
  @MaxLength(3)
  title: string;

  @IsInt()
  @Min(1)
  @IsIn([1, 2])
  count: number;
}

const faultsOf = (title: unknown, count: unknown) =>
  validationFailed(validateSync(Object.assign(new Order(), { title, count }))).details?.map(
    ({ path, code }) => `${path} ${code}`,
  );

describe('the faults of a field', () => {
  it('are its type alone where that is wrong', () => {
    expect(faultsOf(1, 'x')).toEqual(['title invalid_type', 'count invalid_type']);
    expect(faultsOf(null, Number.NaN)).toEqual(['title invalid_type', 'count invalid_type']);
  });

  it('are all of its rules that a value of the right type breaks', () => {
    expect(faultsOf('long', 0)?.toSorted()).toEqual(['count not_allowed', 'count too_small', 'title too_long']);
  });

  it('are one where it is missing', () => {
    expect(faultsOf(undefined, undefined)).toEqual(['title required', 'count required']);
  });
});
