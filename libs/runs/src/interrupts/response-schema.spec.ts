import { ValidationError } from '@guildhall/sdk';
import { faultsOf } from './response-schema.js';

describe('an answer to a question', () => {
  it('must be one of the decisions that are offered', () => {
    expect(faultsOf('unknown_effect', {}, { decision: 'approve' })).toEqual([
      { path: 'decision', code: 'invalid_decision', message: 'Decide done or retry or reject' },
    ]);
  });

  it('is told each of its faults at its path', () => {
    const schema = { type: 'object', properties: { sizes: { type: 'array', items: { enum: ['S', 'M'] } } } };
    const faults = faultsOf('question', schema, { decision: 'done', value: { sizes: ['S', 'XL'] } });
    expect(faults).toEqual([{ path: 'value.sizes[1]', code: 'enum', message: 'must be one of ["S","M"]' }]);
  });

  it('does not hold the process, whatever the schema and the value', () => {
    const began = performance.now();
    const value = `${'a'.repeat(40)}b`;
    const faults = faultsOf('question', { type: 'string', pattern: '^(a+)+$' }, { decision: 'done', value });
    expect(faults).toEqual([expect.objectContaining({ path: 'value', code: 'too_complex' })]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('is refused with the fault of a schema that is none, and may still be a rejection', () => {
    const schema = { type: 'strin' };
    expect(() => faultsOf('question', schema, { decision: 'done', value: 'x' })).toThrow(ValidationError);
    expect(() => faultsOf('question', schema, { decision: 'done', value: 'x' })).toThrow('responseSchema.type');
    expect(faultsOf('question', schema, { decision: 'reject' })).toEqual([]);
  });
});
