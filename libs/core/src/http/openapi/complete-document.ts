import type { OpenAPIObject } from '@nestjs/swagger';
import type { ScopeChoice } from '../../security/access.decorators.js';
import { type SentBody, tellDefaults } from './defaults.js';
import { keepExplicitAlternatives } from './explicit-alternatives.js';
import { FAILURE_SCHEMAS } from './failure-schemas.js';
import { failureResponse, failureResponses } from './failure-responses.js';
import { exemplifyPaths } from './path-examples.js';
import { requestExample } from './request-example.js';
import { type Media, type Schemas, schemasOf } from './schema.js';
import { separateForms } from './separate-forms.js';
import { describeTag, inOrderOfUse } from './tags.js';

export interface Access {
  readonly open: boolean;
  readonly scopes: readonly ScopeChoice[];
  /** Only for the system administrator's key. */
  readonly systemOnly: boolean;
}

interface Parameter {
  readonly in?: string;
  readonly name?: string;
  readonly required?: boolean;
  readonly $ref?: string;
  example?: unknown;
  schema?: { example?: unknown };
}

interface Operation {
  operationId?: string;
  tags?: string[];
  description?: string;
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { readonly content?: Readonly<Record<string, Media>> };
  responses: Record<string, { description?: string; content?: object }>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same key and body from the same API key within 24 h return the first result instead of acting again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** Adds what every route has in common and no controller repeats: who may call it, and how it can fail. */
export function completeDocument(document: OpenAPIObject, accessOf: (operationId: string) => Access): OpenAPIObject {
  const components = (document.components ??= {});
  keepExplicitAlternatives(schemasOf(document));
  components.schemas = { ...components.schemas, ...FAILURE_SCHEMAS } as never;
  components.responses = { ...components.responses, ...failureResponses() } as never;
  components.parameters = { ...components.parameters, IdempotencyKey: IDEMPOTENCY_KEY } as never;
  document.security = [{ bearer: [] }];
  const schemas = schemasOf(document);
  const tags = new Set<string>();
  const bodies: SentBody[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as Operation | undefined;
      if (operation === undefined) continue;
      for (const tag of operation.tags ?? []) tags.add(tag);
      completeOperation(path, method, operation, accessOf(operation.operationId ?? ''));
      if (operation.requestBody === undefined) continue;
      completeBody(operation.requestBody.content ?? {}, schemas);
      bodies.push({ body: operation.requestBody, isChange: method === 'patch' });
    }
  }
  exemplifyPaths(document);
  tellDefaults(schemas, bodies);
  document.tags = inOrderOfUse(tags).map((name) => ({ name, description: describeTag(name) }));
  return document;
}

function completeOperation(path: string, method: string, operation: Operation, access: Access): void {
  if (access.open) operation.security = [];
  for (const parameter of operation.parameters ?? []) leaveEmpty(parameter);
  const note = noteOn(access);
  if (note !== undefined) operation.description = operation.description ? `${operation.description}\n\n${note}` : note;
  if (method === 'post' && !access.open) {
    operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IdempotencyKey' }];
  }
  for (const status of failuresOf(path, method, operation, access)) operation.responses[status] ??= {};
  for (const [status, response] of Object.entries(operation.responses)) {
    // A controller may say in its own words why it answers so; the body is the shared one all the same.
    if (Number(status) < 400 || response.content !== undefined) continue;
    operation.responses[status] = failureResponse(Number(status), response.description);
  }
}

/** Swagger UI fills a body in with its example, and without one with every field there is. */
function completeBody(content: Readonly<Record<string, Media>>, schemas: Schemas): void {
  separateForms(content, schemas);
  const json = content['application/json'];
  if (json?.schema && json.example === undefined && json.examples === undefined) {
    json.example = requestExample(json.schema, schemas);
  }
}

/** Swagger UI sends the examples of optional filters unasked, and then a list finds nothing. */
function leaveEmpty(parameter: Parameter): void {
  if (parameter.in !== 'query' || parameter.required) return;
  delete parameter.example;
  delete parameter.schema?.example;
}

function noteOn({ scopes, systemOnly }: Access): string | undefined {
  if (systemOnly) return "Needs the system administrator's key.";
  const choices = scopes.map((choice) => choice.map((scope) => `\`${scope}\``).join(' or '));
  return choices.length > 0 ? `Needs the scope ${choices.join(', ')}.` : undefined;
}

function failuresOf(path: string, method: string, operation: Operation, access: Access): number[] {
  const { open, scopes, systemOnly } = access;
  const hasHeader = (name: string) =>
    (operation.parameters ?? []).some((one) => one.in === 'header' && one.name === name);
  return [
    // Of every route: its URL may be malformed.
    400,
    ...(open ? [] : [401, 429]),
    ...(scopes.length > 0 || systemOnly ? [403] : []),
    ...(path.includes('{') ? [404] : []),
    ...(method === 'post' && !open ? [409, 422] : []),
    ...(method === 'patch' || method === 'put' ? [409] : []),
    ...(hasHeader('If-Match') ? [412] : []),
    // Of every route too: bodies are judged before it is known who takes one, the host may be another's, and headers too long.
    413,
    415,
    421,
    431,
    500,
    503,
    504,
  ];
}
