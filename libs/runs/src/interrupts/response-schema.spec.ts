import { ValidationError } from '@guildhall/sdk';
import { faultsOf } from './response-schema.js';

describe('an answer to a question', () => {
  it('must be one of the decisions that are offered', async () => {
    expect(await faultsOf('unknown_effect', {}, { decision: 'approve' })).toEqual([
      { path: 'decision', code: 'invalid_decision', message: 'Decide done or retry or reject' },
    ]);
  });

  it('is told each of its faults at its path', async () => {
    const schema = { type: 'object', properties: { sizes: { type: 'array', items: { enum: ['S', 'M'] } } } };
    const faults = await faultsOf('question', schema, { decision: 'done', value: { sizes: ['S', 'XL'] } });
    expect(faults).toEqual([{ path: 'value.sizes[1]', code: 'enum', message: 'must be one of ["S","M"]' }]);
  });

  it('has a value only where the decision takes one', async () => {
    const pathsOf = (...given: Parameters<typeof faultsOf>) =>
      faultsOf(...given).then((faults) => faults.map(({ path }) => path));
    expect(await pathsOf('approval', {}, { decision: 'approve', value: { amount: 1 } })).toEqual(['value']);
    expect(await pathsOf('approval', {}, { decision: 'reject', value: false })).toEqual(['value']);
    expect(await pathsOf('question', { type: 'string' }, { decision: 'reject', value: 'x' })).toEqual(['value']);
    expect(await pathsOf('unknown_effect', {}, { decision: 'retry', value: 0 })).toEqual(['value']);
    expect(await pathsOf('unknown_effect', {}, { decision: 'done', value: { receipt: 7 } })).toEqual([]);
    expect(await pathsOf('approval', {}, { decision: 'approve', value: null })).toEqual([]);
    // A plugin's own approval may ask for one.
    expect(await pathsOf('approval', { type: 'integer' }, { decision: 'approve', value: 7 })).toEqual([]);
  });

  it('is checked in no time against a pattern that others would backtrack over', async () => {
    const value = `${'a'.repeat(40)}b`;
    const faults = await faultsOf('question', { type: 'string', pattern: '^(a+)+$' }, { decision: 'done', value });
    expect(faults).toEqual([expect.objectContaining({ path: 'value', code: 'pattern' })]);
  });

  it('is refused with the fault of a schema that is none, and may still be a rejection', async () => {
    const schema = { type: 'strin' };
    const answered = faultsOf('question', schema, { decision: 'done', value: 'x' });
    await expect(answered).rejects.toThrow(ValidationError);
    await expect(answered).rejects.toThrow('responseSchema.type');
    expect(await faultsOf('question', schema, { decision: 'reject' })).toEqual([]);
  });
});
