import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { LargeBodies, applyBodyLimit } from './large-bodies.js';
import { MAX_BODY_BYTES } from './uploads.js';

const MIB = 1024 * 1024;
const config = { 'guildhall:large-body': true };

function entering(bodies: LargeBodies, headers: object, route: object = config) {
  const raw = new EventEmitter();
  const request = { headers, routeOptions: { config: route } } as unknown as FastifyRequest;
  return { refusal: bodies.enter(request, { raw } as unknown as FastifyReply), leave: () => raw.emit('close') };
}
const sized = (bytes: number) => ({ 'content-length': String(bytes) });

describe('LargeBodies', () => {
  it('has room for five of full size, and for another when one has left', () => {
    const bodies = new LargeBodies();
    const [first] = Array.from({ length: 5 }, () => entering(bodies, sized(20 * MIB)));
    const refused = entering(bodies, sized(2 * MIB));
    expect(refused.refusal).toMatchObject({ category: 'unavailable', code: 'concurrency_limited', retryAfterMs: 1000 });
    refused.leave();
    expect(entering(bodies, sized(2 * MIB)).refusal).toBeDefined();
    first!.leave();
    expect(entering(bodies, sized(20 * MIB)).refusal).toBeUndefined();
    expect(entering(bodies, sized(2 * MIB)).refusal).toBeDefined();
  });

  it('counts one that does not say its length as one of full size', () => {
    const bodies = new LargeBodies();
    for (let i = 0; i < 5; i++) entering(bodies, { 'transfer-encoding': 'chunked' });
    expect(entering(bodies, { 'transfer-encoding': 'chunked' }).refusal).toBeDefined();
  });

  it('counts neither small bodies, nor those of other routes, nor those that are refused for their size', () => {
    const bodies = new LargeBodies();
    for (let i = 0; i < 5; i++) entering(bodies, sized(20 * MIB));
    for (const headers of [sized(MAX_BODY_BYTES), {}, sized(21 * MIB)]) {
      expect(entering(bodies, headers).refusal).toBeUndefined();
    }
    expect(entering(bodies, sized(2 * MIB), {}).refusal).toBeUndefined();
  });

  it('raises the limit of routes that say so, and of no other', () => {
    const limitOf = (route: object) => {
      applyBodyLimit(route as RouteOptions);
      return (route as RouteOptions).bodyLimit;
    };
    expect(limitOf({ config })).toBe(20 * MIB);
    expect([limitOf({ config: {} }), limitOf({})]).toEqual([undefined, undefined]);
  });
});
