import { isStrictSchema } from './strict-schema.js';

const closed = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

describe('isStrictSchema', () => {
  it('takes closed objects with all their properties required, however deep', () => {
    expect(isStrictSchema(closed({ a: { type: 'string' } }))).toBe(true);
    expect(isStrictSchema(closed({ list: { type: 'array', items: closed({ b: { type: 'number' } }) } }))).toBe(true);
    expect(isStrictSchema({ type: 'string' })).toBe(true);
  });

  it.each([
    ['open', { type: 'object', properties: {}, required: [] }],
    ['without properties', { type: 'object', additionalProperties: false }],
    ['with an optional property', closed({ a: { type: 'string' } }, [])],
    ['with an open one inside', closed({ a: { type: 'object' } })],
    ['with an open one in a choice', { anyOf: [closed({}), { type: ['object', 'null'] }] }],
  ])('refuses an object %s', (_, schema) => {
    expect(isStrictSchema(schema)).toBe(false);
  });

  it('does not take a property for a keyword', () => {
    expect(isStrictSchema(closed({ properties: { type: 'string' }, type: { type: 'string' } }))).toBe(true);
  });
});
