import type { OpenAPIObject } from '@nestjs/swagger';
import { exemplifyPaths } from './path-examples.js';

const answering = (data: object) => ({
  '200': { description: '', content: { 'application/json': { schema: { properties: { data } } } } },
});
const inPath = (name: string, more: object = {}) => ({ name, in: 'path', ...more });

describe('the parameters of paths', () => {
  it('take the id of what the path shows or lists, and keep an example of their own', () => {
    const agents = { type: 'array', items: { $ref: '#/components/schemas/Agent' } };
    const document = {
      components: {
        schemas: {
          Agent: { properties: { id: { example: 'agt_1' } } },
          Document: { properties: { id: { example: 'doc_1' } } },
        },
      },
      paths: {
        '/agents': { get: { responses: answering(agents) } },
        '/agents/{id}/versions/{n}': {
          post: { parameters: [inPath('id'), inPath('n', { schema: { example: 1 } })], responses: {} },
        },
        '/documents/{id}': {
          get: { parameters: [inPath('id')], responses: answering({ $ref: '#/components/schemas/Document' }) },
        },
      },
    } as unknown as OpenAPIObject;
    exemplifyPaths(document);
    expect(document.paths['/agents/{id}/versions/{n}']!.post!.parameters).toEqual([
      inPath('id', { example: 'agt_1' }),
      inPath('n', { schema: { example: 1 } }),
    ]);
    expect(document.paths['/documents/{id}']!.get!.parameters).toEqual([inPath('id', { example: 'doc_1' })]);
  });
});
