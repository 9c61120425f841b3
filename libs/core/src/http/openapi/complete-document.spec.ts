import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { problemBody } from '../../errors/failure-body.js';
import { completeDocument } from './complete-document.js';

const operation = (operationId: string, more: object = {}) => ({
  operationId,
  tags: ['agents'],
  responses: { '200': { description: 'Done' } },
  ...more,
});

function complete() {
  const document = {
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: {
      '/api/v1/agents': {
        get: operation('list', {
          parameters: [
            { name: 'owner', in: 'query', required: false, example: 'ann', schema: { type: 'string', example: 'ann' } },
            { name: 'day', in: 'query', required: true, example: '2026-11-21' },
          ],
        }),
        post: operation('create', {
          requestBody: {},
          responses: { '201': { description: 'Made' }, '409': { description: 'The name is taken' } },
        }),
      },
      '/api/v1/agents/{id}': {
        get: operation('get'),
        patch: operation('change', {
          requestBody: {},
          tags: ['oddities'],
          description: 'Edits.',
          parameters: [{ name: 'If-Match', in: 'header', required: false }],
        }),
        put: operation('replace'),
      },
      '/health/live': { get: operation('live', { tags: ['health'] }) },
    },
  } as unknown as OpenAPIObject;
  return completeDocument(document, (id) => ({
    open: id === 'live',
    scopes: id === 'create' || id === 'change' ? [['agents:write']] : [],
    systemOnly: id === 'replace',
  }));
}

const statuses = (document: OpenAPIObject, path: string, method: 'get' | 'post' | 'patch' | 'put') =>
  Object.keys(document.paths[path]![method]!.responses);

describe('completeDocument', () => {
  it('gives each route the failures it can answer with, and no others', () => {
    const document = complete();
    expect(statuses(document, '/api/v1/agents', 'get')).toEqual([
      '200',
      '400',
      '401',
      '413',
      '415',
      '421',
      '429',
      '431',
      '500',
      '503',
      '504',
    ]);
    expect(statuses(document, '/api/v1/agents', 'post')).toEqual([
      '201',
      '400',
      '401',
      '403',
      '409',
      '413',
      '415',
      '421',
      '422',
      '429',
      '431',
      '500',
      '503',
      '504',
    ]);
    expect(statuses(document, '/api/v1/agents/{id}', 'get')).toEqual([
      '200',
      '400',
      '401',
      '404',
      '413',
      '415',
      '421',
      '429',
      '431',
      '500',
      '503',
      '504',
    ]);
    expect(statuses(document, '/api/v1/agents/{id}', 'patch')).toContain('412');
    expect(statuses(document, '/api/v1/agents/{id}', 'put')).toContain('403');
    expect(statuses(document, '/api/v1/agents/{id}', 'put')).not.toContain('412');
    expect(statuses(document, '/health/live', 'get')).toEqual([
      '200',
      '400',
      '413',
      '415',
      '421',
      '431',
      '500',
      '503',
      '504',
    ]);
  });

  it('has each kind of failure once, and keeps the words of a controller beside the reference', () => {
    const { responses } = complete().paths['/api/v1/agents']!.post!;
    expect(responses['400']).toEqual({ $ref: '#/components/responses/BadRequest' });
    expect(responses['409']).toEqual({ $ref: '#/components/responses/Conflict', description: 'The name is taken' });
  });

  it('says who may call a route, and that keyed POSTs are repeatable', () => {
    const { paths, security } = complete();
    expect(security).toEqual([{ bearer: [] }]);
    expect(paths['/health/live']!.get!.security).toEqual([]);
    expect(paths['/api/v1/agents/{id}']!.patch!.description).toBe('Edits.\n\nNeeds the scope `agents:write`.');
    expect(paths['/api/v1/agents']!.post!.parameters).toEqual([{ $ref: '#/components/parameters/IdempotencyKey' }]);
  });

  it('fills no optional filter in, for a list that is tried out would find nothing', () => {
    expect(complete().paths['/api/v1/agents']!.get!.parameters).toEqual([
      { name: 'owner', in: 'query', required: false, schema: { type: 'string' } },
      { name: 'day', in: 'query', required: true, example: '2026-11-21' },
    ]);
  });

  it('describes every tag', () => {
    expect(complete().tags).toEqual([
      { name: 'agents', description: expect.stringContaining('definition') },
      { name: 'health', description: expect.any(String) },
      { name: 'oddities', description: 'Routes about oddities.' },
    ]);
  });

  it('has one body for all failures, with examples that are valid', () => {
    const { components } = complete();
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'doc', components: JSON.parse(JSON.stringify(components)) as object });
    const validate = ajv.getSchema('doc#/components/schemas/Failure')!;
    const responses = Object.entries(components!.responses as Record<string, { content: Record<string, object> }>);
    expect(responses.length).toBeGreaterThan(15);
    for (const [name, { content }] of responses) {
      const { schema, example } = content['application/json'] as { schema: object; example: object };
      expect([name, Object.keys(content), schema]).toEqual([
        name,
        ['application/json'],
        { $ref: '#/components/schemas/Failure' },
      ]);
      expect([name, validate(example), validate.errors]).toEqual([name, true, null]);
    }
    const facts = { status: 409, code: 'thread_busy', category: 'conflict', message: 'Wait', retryable: true } as const;
    const problem = problemBody(facts, { id: 'req_1', path: '/api/v1/runs' });
    expect(ajv.getSchema('doc#/components/schemas/Problem')!(JSON.parse(JSON.stringify(problem)))).toBe(true);
  });
});
