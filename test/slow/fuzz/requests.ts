import fc, { type Arbitrary } from 'fast-check';
import { REFUSED_JSON } from '../../fixtures/hostile-json.js';
import { bodyOf } from './bodies.js';
import type { OpenApi, Operation, Parameter } from './document.js';
import { anyText, knownId, valuesOf } from './values.js';

export interface FuzzRequest {
  readonly method: string;
  /** With `@agents/3` where the id of the third agent shall stand. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface FuzzBody {
  readonly type?: string;
  readonly body: string | Buffer;
}

const STRANGE_SEGMENTS = [
  '..',
  '%2e%2e',
  '%00',
  '%ff',
  'a%2fb',
  ';x',
  '-1',
  'null',
  'x'.repeat(3000),
  "'%20OR%201=1--",
];
const STRANGE_QUERIES = [
  'limit=0',
  'limit=1e9',
  'cursor=AAAA',
  '__proto__=1',
  'a[]=1',
  'a[b]=1',
  '=',
  '%ff=%00',
  '&'.repeat(2000),
];
const TYPES = [
  'application/json; charset=utf-16',
  'text/plain',
  'application/json garbage',
  'multipart/form-data',
  'a/b',
];

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
/** A placeholder is replaced when the request is sent, and stays readable for that. */
const encode = (value: unknown) =>
  /^@[a-z-]+\/\d$/.test(text(value)) ? text(value) : encodeURIComponent(text(value).toWellFormed());

/** Requests for one operation: most of them near what it takes, each strange in a place or two. */
export function requestsOf(operation: Operation, document: OpenApi): Arbitrary<FuzzRequest> {
  const { method, parameters, bodies } = operation;
  return fc
    .record({
      path: pathOf(operation),
      query: queryOf(parameters, document),
      headers: headersOf(operation),
      body: bodyFor(bodies, document),
    })
    .map(({ path, query, headers, body }) => ({
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: { ...headers, ...(body?.type === undefined ? {} : { 'content-type': body.type }) },
      ...(body === undefined ? {} : { body: body.body }),
    }));
}

function pathOf({ path }: Operation): Arbitrary<string> {
  const collections = { documentId: 'documents', n: 'versions' } as Readonly<Record<string, string>>;
  const segments = path.split('/').map((segment, index, all) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) return fc.constant(segment);
    const known =
      collections[name] === 'versions' ? fc.constantFrom('1', '2') : knownId(collections[name] ?? all[index - 1]!);
    return fc.oneof(
      { weight: 8, arbitrary: known },
      { weight: 1, arbitrary: fc.uuid() },
      { weight: 1, arbitrary: fc.constantFrom(...STRANGE_SEGMENTS) },
      { weight: 1, arbitrary: anyText.map(encode).filter((one) => one !== '') },
    );
  });
  return fc.tuple(...segments).map((parts) => parts.join('/'));
}

function queryOf(parameters: readonly Parameter[], document: OpenApi): Arbitrary<string> {
  const pairs = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) =>
      fc.oneof(valuesOf(schema, document, name), anyText).map((value) => `${name}=${encode(value)}`),
    );
  const strange = fc.constantFrom(...STRANGE_QUERIES);
  const own =
    pairs.length === 0 ? fc.constant('') : fc.array(fc.oneof(...pairs), { maxLength: 3 }).map((all) => all.join('&'));
  return fc.oneof({ weight: 6, arbitrary: own }, { weight: 1, arbitrary: strange });
}

function headersOf({ parameters }: Operation): Arbitrary<Record<string, string>> {
  const own = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name }) => [name.toLowerCase(), headerOf(name)] as const);
  const accept = fc.constantFrom('application/json', 'application/problem+json', 'text/event-stream', '*/*', 'a/b');
  return fc.record({ ...Object.fromEntries(own), accept }, { requiredKeys: [] });
}

function headerOf(name: string): Arbitrary<string> {
  const odd = fc.constantFrom('', '"', 'x'.repeat(300), '0', '-1', '%00', '*', 'W/"1"', '"1"');
  // Long waits are allowed, and would only be waited for.
  if (name === 'Prefer') return fc.constantFrom('wait=0', 'wait=1', 'wait=-1', 'wait=x', 'wait=1e9x', 'respond-async');
  return name === 'Idempotency-Key' ? fc.oneof(fc.uuid(), fc.nat(20).map(String), odd) : odd;
}

function bodyFor(bodies: Operation['bodies'], document: OpenApi): Arbitrary<FuzzBody | undefined> {
  const made = Object.entries(bodies).map(([type, { schema }]) => ({
    weight: 12,
    arbitrary: bodyOf(type, schema, document),
  }));
  const json = fc
    .constantFrom(...Object.values(REFUSED_JSON))
    .map((body): FuzzBody => ({ type: 'application/json', body }));
  const typed = fc
    .constantFrom(undefined, ...TYPES)
    .map((type): FuzzBody => ({ ...(type ? { type } : {}), body: '{"name":"a"}' }));
  const none = fc.constant(undefined);
  if (made.length === 0) return fc.oneof({ weight: 12, arbitrary: none }, { weight: 1, arbitrary: typed });
  return fc.oneof(
    ...made,
    { weight: 1, arbitrary: json },
    { weight: 1, arbitrary: typed },
    { weight: 1, arbitrary: none },
  );
}
