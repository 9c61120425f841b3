import { z } from 'zod';
import { type ZodFaultsOptions, zodFaults } from './zod-faults.js';

const Order = z
  .strictObject({
    title: z.string().min(2),
    size: z.enum(['s', 'm']),
    lines: z.array(z.strictObject({ count: z.int() })).default([]),
    until: z.string().optional(),
  })
  .refine(({ title }) => title !== 'never', { path: ['until'], error: 'Say until when' });

const detailsOf = (input: unknown, options?: ZodFaultsOptions) =>
  zodFaults(Order.safeParse(input).error?.issues ?? [], input, options);
const faultsOf = (input: unknown, options?: ZodFaultsOptions) =>
  detailsOf(input, options).map(({ path, code }) => `${path} ${code}`);

describe('what zod finds', () => {
  it('is required where a field is missing', () => {
    expect(faultsOf({ lines: [{}] })).toEqual(['title required', 'size required', 'lines[0].count required']);
    expect(faultsOf(undefined, { root: 'input' })).toEqual(['input required']);
  });

  it('is one unknown_field for each, where it stands', () => {
    const input = { title: 'ab', size: 's', a: 1, b: undefined, lines: [{ count: 1, c: 1 }] };
    expect(faultsOf(input, { root: 'input' })).toEqual([
      'input.lines[0].c unknown_field',
      'input.a unknown_field',
      'input.b unknown_field',
    ]);
    expect(detailsOf(input, { root: 'input' }).map(({ message }) => message)).toEqual([
      'There is no such field in input.lines[0]: remove "c"',
      'There is no such field in input: remove "a"',
      'There is no such field in input: remove "b"',
    ]);
    expect(detailsOf(input, { whole: 'an order' })[1]).toEqual({
      path: 'a',
      code: 'unknown_field',
      message: 'There is no such field in an order: remove "a"',
    });
  });

  it('keeps its own code otherwise', () => {
    expect(faultsOf({ title: 'a', size: null, lines: 'x' })).toEqual([
      'title too_small',
      'size invalid_value',
      'lines invalid_type',
    ]);
    expect(faultsOf('x', { root: 'input' })).toEqual(['input invalid_type']);
    expect(faultsOf({ title: 'never', size: 's' })).toEqual(['until custom']);
  });
});
