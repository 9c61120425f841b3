import { accepts } from './accept.js';
import { entityTag, isStale, noneMatches, revisionsOf } from './entity-tag.js';
import { preferredWaitMs } from './prefer.js';
import { requestIdOf, traceparentOf } from './request-id.js';
import { requestTimeoutMs } from './request-timeout.js';
import { RouteIndex } from './route-index.js';

describe('preferredWaitMs', () => {
  it.each([
    ['wait=10', 10_000],
    ['respond-async, wait=2.5', 2500],
    ['wait="3"; foo', 3000],
    ['wait=0', 0],
    ['wait=999', 60_000],
    ['return=minimal', undefined],
    ['await=3', undefined],
    ['wait=x', NaN],
    ['wait=-1', NaN],
    ['wait', NaN],
  ])('reads "%s" as %p', (header, expected) => expect(preferredWaitMs(header)).toBe(expected));
});

describe('accepts', () => {
  it.each([
    ['text/event-stream', true],
    ['Text/Event-Stream', true],
    ['application/json, text/event-stream', true],
    ['application/json;q=0.9,text/event-stream ; charset=utf-8;q=0.1', true],
    ['text/event-stream;q=0.001', true],
    ['text/event-stream;q=0', false],
    ['text/event-stream; Q=0.000, application/json', false],
    ['application/json;q=0, text/event-stream', true],
    ['text/event-streams', false],
    ['application/json; profile=text/event-stream', false],
    ['*/*', false],
    ['', false],
  ])('finds an event stream asked for by "%s": %s', (header, expected) =>
    expect(accepts(header, 'text/event-stream')).toBe(expected),
  );
});

describe('requestTimeoutMs', () => {
  it('adds what the client asked to wait, and gives uploads more', () => {
    expect(requestTimeoutMs({ headers: {} }, 30)).toBe(30_000);
    expect(requestTimeoutMs({ headers: { prefer: 'wait=60' } }, 30)).toBe(90_000);
    expect(requestTimeoutMs({ headers: { prefer: 'wait=x' } }, 30)).toBe(30_000);
    expect(requestTimeoutMs({ headers: { 'content-type': 'multipart/form-data; boundary=x' } }, 30)).toBe(300_000);
  });
});

describe('entity tags', () => {
  it('quote a revision, and hold nothing that ends the quotes or the header', () => {
    expect(entityTag('7')).toBe('"7"');
    expect(entityTag('a"b\r\nx: y')).toBe('"abx:y"');
  });

  it.each([
    ['"7"', true],
    ['W/"7"', true],
    ['"1", "7"', true],
    ['*', true],
    ['"77"', false],
    ['7', false],
    [undefined, false],
  ])('If-None-Match %s of revision 7: %s', (header, expected) => expect(noneMatches(header, '7')).toBe(expected));

  it.each([
    ['"7"', false],
    ['"6", "7"', false],
    ['"6","7" , "8"', false],
    ['W/"6", "7"', false],
    ['*', false],
    [' * ', false],
    [undefined, false],
    ['7', false],
    ['W/"7"', false],
    ['"6", W/"7"', false],
    ['"6,7"', true],
    ['"77"', true],
    ['', true],
  ])('If-Match %s of revision 7 is stale: %s', (header, expected) =>
    expect(isStale('7', revisionsOf(header))).toBe(expected),
  );
});

describe('request ids', () => {
  it('are taken when harmless, made otherwise', () => {
    expect(requestIdOf({ 'x-request-id': 'A-b_c.d:9' })).toBe('A-b_c.d:9');
    for (const id of ['', 'a b', 'a\n', 'x'.repeat(129), '<a>'])
      expect(requestIdOf({ 'x-request-id': id })).toMatch(/^req_/);
    expect(requestIdOf({})).not.toBe(requestIdOf({}));
  });

  it('leave a malformed traceparent out', () => {
    const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(traceparentOf({ traceparent: good })).toBe(good);
    expect(traceparentOf({ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` })).toBeUndefined();
    expect(traceparentOf({ traceparent: 'x' })).toBeUndefined();
    expect(traceparentOf({})).toBeUndefined();
  });
});

describe('RouteIndex', () => {
  const routes = new RouteIndex();
  routes.add('/api/v1/agents', ['GET', 'HEAD']);
  routes.add('/api/v1/agents', 'POST');
  routes.add('/api/v1/agents/:id/versions/:n', 'GET');
  routes.add('/docs/*', 'GET');
  routes.add('/openapi.json', 'GET');

  it.each([
    ['/api/v1/agents', ['GET', 'HEAD', 'POST']],
    ['/api/v1/agents/a/versions/1', ['GET']],
    ['/docs/a/b', ['GET']],
    ['/api/v1/agents/', []],
    ['/api/v1/agents/a', []],
    ['/openapiXjson', []],
  ])('knows the methods of %s', (path, methods) => expect(routes.allowed(path)).toEqual(methods));

  it('explains what was wrong', () => {
    expect(routes.explain('PUT', '/api/v1/agents')).toMatchObject({
      code: 'method_not_allowed',
      message: expect.stringContaining('GET, HEAD, POST'),
    });
    expect(routes.explain('GET', '/nothing')).toMatchObject({ code: 'route_not_found' });
  });
});
