import { ArrayMaxSize, ArrayUnique, IsIn, IsString, MaxLength } from 'class-validator';
import { NestedList } from './nested.decorator.js';
import { createValidationPipe } from './validation.pipe.js';

let judged = 0;

class Part {
  @IsString()
  @IsIn(['a', 'b'])
  name: string;

  @ArrayMaxSize(2)
  @ArrayUnique((item: unknown) => (judged++, item))
  tags: string[] = [];
}

class Whole {
  @MaxLength(3)
  title: string;

  @ArrayMaxSize(5)
  @NestedList(() => Part)
  parts: Part[];
}

const faultsOf = (body: object): Promise<string[]> =>
  (createValidationPipe().transform(body, { type: 'body', metatype: Whole }) as Promise<unknown>).then(
    () => [],
    ({ details }: { details: { path: string; code: string }[] }) => details.map(({ path, code }) => `${path} ${code}`),
  );

describe('a list that is too long', () => {
  beforeEach(() => (judged = 0));

  it('is refused as such, with the other faults of the body', async () => {
    const parts = Array.from({ length: 9 }, () => ({ name: 'a' }));
    expect(await faultsOf({ title: 'long', parts })).toEqual(['title too_long', 'parts too_long']);
  });

  it('costs its rules no more than one that is just too long', async () => {
    const costs: number[] = [];
    for (const length of [3, 100_000]) {
      judged = 0;
      const tags = Array.from({ length }, (_, at) => String(at));
      expect(await faultsOf({ title: 'a', parts: [{ name: 'a', tags }] })).toEqual(['parts[0].tags too_long']);
      costs.push(judged);
    }
    expect(costs).toEqual([3, 3]);
  });

  it('has only so many faults of its items told', async () => {
    const parts = Array.from({ length: 100_000 }, () => ({ name: 'c' }));
    const told = await faultsOf({ title: 'a', parts });
    expect(told).toContain('parts too_long');
    expect(told).toHaveLength(7);
  });

  it('is taken where it is just long enough', async () => {
    const parts = Array.from({ length: 5 }, () => ({ name: 'a', tags: ['x', 'y'] }));
    expect(await faultsOf({ title: 'a', parts })).toEqual([]);
  });
});
