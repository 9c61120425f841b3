import type { FastifyRequest, RouteOptions } from 'fastify';
import { applyBodyLimit } from '../large-bodies.js';
import { MAX_BODY_BYTES } from '../upload/upload-route.js';
import { BodyRoom } from './body-room.js';

const MIB = 1024 * 1024;
const LARGE = { 'guildhall:large-body': true };
const sized = (bytes: number) => ({ 'content-length': String(bytes) });

function need(room: BodyRoom, headers: object, config: object = LARGE) {
  return room.needOf({ headers, routeOptions: { config } } as unknown as FastifyRequest);
}

/** Whether the tenant's body finds room. */
function enter(room: BodyRoom, tenant: string, headers: object): boolean {
  const { room: shares, bytes } = need(room, headers)!;
  return shares.tryTake(tenant, bytes);
}

describe('BodyRoom', () => {
  it('has room for five large bodies, the last of them of another tenant', () => {
    const room = new BodyRoom(512 * MIB);
    expect(Array.from({ length: 5 }, () => enter(room, 'a', sized(20 * MIB)))).toEqual([true, true, true, true, false]);
    expect([enter(room, 'b', sized(20 * MIB)), enter(room, 'c', sized(2 * MIB))]).toEqual([true, false]);
  });

  it('counts a body that does not say its length as one of full size', () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    expect(need(new BodyRoom(512 * MIB), chunked)).toMatchObject({ bytes: 20 * MIB, toTheEnd: true });
    expect(need(new BodyRoom(512 * MIB), chunked, {})).toMatchObject({ bytes: MIB, toTheEnd: false });
  });

  it('lets bodies on their way hold nothing of others', () => {
    const room = new BodyRoom(512 * MIB);
    const halfSent = Array.from({ length: 200 }, () => enter(room, 'a', sized(MAX_BODY_BYTES)));
    expect(halfSent.filter(Boolean)).toHaveLength(57);
    expect([enter(room, 'b', sized(MAX_BODY_BYTES)), enter(room, 'b', sized(20 * MIB))]).toEqual([true, true]);
  });

  it('has room on disk for ten large forms of a tenant, and for another of another', () => {
    const room = new BodyRoom(512 * MIB);
    const form = (bytes: number) => ({ ...sized(bytes), 'content-type': 'Multipart/form-data; boundary=x' });
    const own = Array.from({ length: 12 }, () => enter(room, 'a', form(45 * MIB)));
    expect(own.filter(Boolean)).toHaveLength(10);
    expect([enter(room, 'b', form(10 * MIB)), enter(room, 'b', sized(MAX_BODY_BYTES))]).toEqual([true, true]);
    const { 'content-length': _, ...chunked } = { ...form(0), 'transfer-encoding': 'chunked' };
    expect(need(new BodyRoom(512 * MIB), chunked)).toMatchObject({ bytes: 50 * MIB, toTheEnd: true });
  });

  it('asks for none for no body, and for what is refused for its size', () => {
    const room = new BodyRoom(512 * MIB);
    const form = { ...sized(51 * MIB), 'content-type': 'multipart/form-data; boundary=x' };
    expect([{}, sized(0), sized(21 * MIB), form].map((headers) => need(room, headers))).toEqual(
      Array(4).fill(undefined),
    );
    expect(need(room, sized(2 * MIB), {})).toBeUndefined();
  });

  it('goes with the limit of routes that say so, and of no other', () => {
    const limitOf = (route: object) => {
      applyBodyLimit(route as RouteOptions);
      return (route as RouteOptions).bodyLimit;
    };
    expect(limitOf({ config: LARGE })).toBe(20 * MIB);
    expect([limitOf({ config: {} }), limitOf({})]).toEqual([undefined, undefined]);
  });
});
