import { keepExplicitAlternatives } from './explicit-alternatives.js';

describe('keepExplicitAlternatives', () => {
  const other = { $ref: '#/components/schemas/Other' };

  it('drops what the compiler inferred beside explicit alternatives, and nothing else', () => {
    const oneOf = [{ type: 'string' }, { $ref: '#/components/schemas/Input' }];
    const plain = { type: 'object', allOf: [other, { type: 'object' }] };
    const schemas = {
      Start: {
        properties: { input: { oneOf, type: 'object', allOf: [oneOf[1]!], example: 'hi' }, other: { ...plain } },
      },
      Empty: {},
    };
    keepExplicitAlternatives(schemas);
    expect(schemas.Start.properties).toEqual({ input: { oneOf, example: 'hi' }, other: plain });
  });

  it('lets a reference have words beside it', () => {
    const schemas = { Shown: { properties: { other: { allOf: [other], description: 'The other.' } } } };
    keepExplicitAlternatives(schemas);
    expect(schemas.Shown.properties).toEqual({ other: { ...other, description: 'The other.' } });
  });
});
