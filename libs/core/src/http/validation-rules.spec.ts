import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested, getMetadataStorage, validateSync } from 'class-validator';
import { rememberRules } from './validation-rules.js';

class Base {
  @IsString()
  name: string;
}
class Part {
  @IsInt()
  size: number;
}
class Whole extends Base {
  @ValidateNested()
  @Type(() => Part)
  part: Part;
}

const check = (fields: object, part: object) => {
  const options = { whitelist: true, forbidNonWhitelisted: true };
  const value = Object.assign(new Whole(), fields, { part: Object.assign(new Part(), part) });
  return validateSync(value, options).map(({ property, children }) => [
    property,
    (children ?? []).map((child) => child.property),
  ]);
};
const CASES: readonly [object, object][] = [
  [{ name: 'a' }, { size: 1 }],
  [{ name: 7 }, { size: 'x' }],
  [
    { name: 'a', extra: 1 },
    { size: 1, other: 2 },
  ],
];

describe('remembered rules', () => {
  it('find what class-validator finds without them: inherited rules, nested ones, unknown fields', () => {
    const before = CASES.map(([fields, part]) => check(fields, part));
    rememberRules();
    for (let turn = 0; turn < 2; turn++) expect(CASES.map(([fields, part]) => check(fields, part))).toEqual(before);
    expect(before).toEqual([
      [],
      [
        ['part', ['size']],
        ['name', []],
      ],
      [
        ['extra', []],
        ['part', ['other']],
      ],
    ]);
  });

  it('are looked for once', () => {
    rememberRules();
    const storage = getMetadataStorage();
    const rules = () => storage.getTargetValidationMetadatas(Whole, undefined as never, false, false);
    expect(rules()).toBe(rules());
    expect(storage.groupByPropertyName(rules())).toBe(storage.groupByPropertyName(rules()));
  });

  it('are looked for anew where groups choose among them', () => {
    rememberRules();
    const rules = () =>
      getMetadataStorage().getTargetValidationMetadatas(Whole, undefined as never, false, false, ['x']);
    expect(rules()).not.toBe(rules());
  });
});
