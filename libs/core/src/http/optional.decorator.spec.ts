import { IsString, validateSync } from 'class-validator';
import { validationFailed } from '../errors/validation-faults.js';
import { Nullable, Optional } from './optional.decorator.js';

class Change {
  @Optional()
  @IsString()
  title?: string;

  @Nullable()
  @IsString()
  note?: string | null;
}

const faultsOf = (fields: object) => validationFailed(validateSync(Object.assign(new Change(), fields))).details;

describe('fields that may be left out', () => {
  it('may be left out', () => expect(faultsOf({})).toEqual([]));

  it('are not null, unless null means something', () => {
    expect(faultsOf({ title: null, note: null })).toEqual([
      { path: 'title', code: 'invalid_type', message: 'title must not be null: leave it out' },
    ]);
  });

  it('are checked where they are given', () => {
    expect(faultsOf({ title: 1, note: 2 })?.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'title invalid_type',
      'note invalid_type',
    ]);
  });
});
