import fc from 'fast-check';
import { AppError } from '@guildhall/sdk';
import { compileFilter } from './filter.js';

const faults = (filter: unknown): string[] => {
  try {
    compileFilter(filter, 1);
    return [];
  } catch (error) {
    if (!AppError.is(error)) throw error;
    return (error.details ?? []).map(({ path }) => path);
  }
};

describe('compileFilter', () => {
  it('turns keys and values into parameters that begin where asked', () => {
    expect(compileFilter({ 'metadata.team': 'a' }, 11)).toEqual({
      sql: '(d.metadata -> $11::text) @> $12::jsonb',
      params: ['team', '"a"'],
    });
  });

  it('joins conditions, lists and ranges by AND', () => {
    const { sql, params } = compileFilter(
      { 'metadata.a': { in: [1, 'x'] }, 'metadata.b': { gte: 1, lte: '2026-01-01' }, 'metadata.c': null },
      1,
    );
    expect(sql.split(' AND ')).toHaveLength(4);
    expect(params).toEqual(['a', ['1', '"x"'], 'b', 1, '2026-01-01', 'c']);
  });

  it('lets everything through without a filter', () => {
    expect([compileFilter(undefined, 1), compileFilter({}, 1)]).toEqual(Array(2).fill({ sql: 'true', params: [] }));
  });

  it.each([
    [null, 'filter'],
    ['x', 'filter'],
    [[], 'filter'],
    [{ title: 1 }, 'filter.title'],
    [{ 'metadata.a.b': 1 }, 'filter.metadata.a.b'],
    [{ "metadata.a'; DROP TABLE chunks; --": 1 }, "filter.metadata.a'; DROP TABLE chunks; --"],
    [{ 'metadata.$.x': 1 }, 'filter.metadata.$.x'],
    [{ 'metadata.a': { $ne: 1 } }, 'filter.metadata.a'],
    [{ 'metadata.a': {} }, 'filter.metadata.a'],
    [{ 'metadata.a': { in: 'x' } }, 'filter.metadata.a.in'],
    [{ 'metadata.a': { in: [{}] } }, 'filter.metadata.a.in'],
    [{ 'metadata.a': { in: Array(101).fill(1) } }, 'filter.metadata.a.in'],
    [{ 'metadata.a': { gte: true } }, 'filter.metadata.a.gte'],
    [{ 'metadata.a': { gte: 1, in: [] } }, 'filter.metadata.a'],
    [{ 'metadata.a': ['x'] }, 'filter.metadata.a'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`metadata.k${i}`, 1])), 'filter'],
  ])('refuses %j at its path', (filter, path) => {
    expect(faults(filter)).toEqual([path]);
  });

  it('names every fault at once', () => {
    expect(faults({ a: 1, 'metadata.b': { $gt: 1 } })).toEqual(['filter.a', 'filter.metadata.b']);
  });

  it('never writes what it was given into the SQL', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything()),
        fc.stringMatching(/^[a-z]{1,5}$/),
        fc.anything(),
        (junk, key, value) => {
          try {
            const { sql } = compileFilter({ ...junk, [`metadata.${key}`]: value }, 1);
            expect(sql).toMatch(/^(true|[\sA-Za-z0-9_.()$:>=<@',[\]"-]*)$/);
            expect(sql.replace(/'(null|number|string)'/g, '')).not.toContain("'");
          } catch (error) {
            expect(AppError.is(error)).toBe(true);
          }
        },
      ),
    );
  });
});
