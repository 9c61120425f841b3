import { requestExample } from './request-example.js';
import type { Schema } from './schema.js';

const ID = 'agt_01k9x3v7q2m4t6w8y0a2c4e6g8';
const text = (more: Schema = {}): Schema => ({ type: 'string', ...more });

describe('the example of a body', () => {
  it('holds what is required, and what brings an example of its own', () => {
    const schema: Schema = {
      type: 'object',
      required: ['agentId', 'scope', 'models'],
      properties: {
        agentId: text({ example: ID }),
        scope: text({ enum: ['tenant', 'agent'] }),
        models: { type: 'array', items: { $ref: '#/components/schemas/Model' } },
        title: text({ example: 'Returns' }),
        note: text(),
        context: { $ref: '#/components/schemas/Model' },
      },
    };
    const Model: Schema = { type: 'object', required: ['name'], properties: { name: text({ example: 'm' }) } };
    expect(requestExample(schema, { Model })).toEqual({
      agentId: ID,
      scope: 'tenant',
      models: [{ name: 'm' }],
      title: 'Returns',
    });
  });

  it('names no object that need not be there, and repeats no default', () => {
    const properties = {
      threadId: text({ example: ID }),
      kind: text({ default: 'tool-loop', example: 'tool-loop' }),
      tools: { type: 'array', default: [], example: ['calculator'] },
    };
    expect(requestExample({ type: 'object', properties }, {})).toEqual({ tools: ['calculator'] });
    expect(requestExample({ $ref: '#/components/schemas/Empty' }, { Empty: { type: 'object' } })).toEqual({});
  });
});
