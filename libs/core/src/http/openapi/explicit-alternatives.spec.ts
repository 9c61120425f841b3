import { keepExplicitAlternatives } from './explicit-alternatives.js';

describe('keepExplicitAlternatives', () => {
  it('drops what the compiler inferred beside explicit alternatives, and nothing else', () => {
    const oneOf = [{ type: 'string' }, { $ref: '#/components/schemas/Input' }];
    const plain = { type: 'object', allOf: [{ $ref: '#/components/schemas/Other' }] };
    const schemas = {
      Start: {
        properties: { input: { oneOf, type: 'object', allOf: [oneOf[1]], example: 'hi' }, other: { ...plain } },
      },
      Empty: {},
    };
    keepExplicitAlternatives(schemas);
    expect(schemas.Start.properties).toEqual({ input: { oneOf, example: 'hi' }, other: plain });
  });
});
