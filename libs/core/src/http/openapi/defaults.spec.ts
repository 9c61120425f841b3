import { tellDefaults } from './defaults.js';

const of = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const field = () => ({ type: 'integer', default: 20 });

describe('defaults of fields', () => {
  it('are told in words where they are sent, at any depth, and not where a change leaves out what stays', () => {
    const schemas = {
      Create: { properties: { limit: { ...field(), description: 'Items.' }, memory: of('Memory') } },
      Memory: { properties: { window: field() } },
      Update: { properties: { limit: field(), memory: of('Memory') } },
    };
    tellDefaults(schemas, [
      { body: { schema: of('Create') }, isChange: false },
      { body: { schema: of('Update') }, isChange: true },
    ]);
    expect(schemas).toEqual({
      Create: {
        properties: { limit: { type: 'integer', description: 'Items.\n\nDefault: `20`.' }, memory: of('Memory') },
      },
      Memory: { properties: { window: { type: 'integer', description: 'Default: `20`.' } } },
      Update: { properties: { limit: { type: 'integer' }, memory: of('Memory') } },
    });
  });

  it('make a field that only comes back one that is always there', () => {
    const schemas = { Shown: { required: ['id'], properties: { id: {}, limit: field(), note: {} } } };
    tellDefaults(schemas, []);
    expect(schemas.Shown).toEqual({
      required: ['id', 'limit'],
      properties: { id: {}, limit: { type: 'integer' }, note: {} },
    });
  });
});
