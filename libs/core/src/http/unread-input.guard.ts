import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { type ErrorDetail, ValidationError } from '@guildhall/sdk';

/** What every list takes: a list that is always one page has nothing to read them for, and whoever pages through it is right. */
const PAGE_PARAMETERS = new Set(['limit', 'cursor', 'total']);

interface Reads {
  readonly body: boolean;
  readonly query: boolean;
}

/**
 * Refuses fields and parameters that a route does not read at all: no class checks them, and a misspelt wish would pass
 * for one that was granted. Only below `/api`; probes and the surfaces of other protocols take what they are sent.
 */
@Injectable()
export class UnreadInputGuard implements CanActivate {
  private readonly known = new WeakMap<object, Reads>();

  canActivate(host: ExecutionContext): true {
    const { url, body, query } = host.switchToHttp().getRequest<FastifyRequest>();
    if (!url.startsWith('/api/')) return true;
    const reads = this.readsOf(host);
    const faults = [...(reads.query ? [] : queryFaults(query)), ...(reads.body ? [] : bodyFaults(body))];
    if (faults.length === 0) return true;
    throw new ValidationError('The request holds what this route does not read', faults);
  }

  private readsOf(host: ExecutionContext): Reads {
    const handler = host.getHandler();
    let reads = this.known.get(handler);
    if (!reads) this.known.set(handler, (reads = findReads(host.getClass(), handler.name)));
    return reads;
  }
}

function findReads(controller: Type, handler: string): Reads {
  const places = Object.keys((Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as object);
  // `3:0`: the kind of argument, and which one it is.
  const kinds = new Set(places.map((place) => Number(place.split(':')[0])));
  const all = kinds.has(RouteParamtypes.REQUEST);
  return {
    body: all || kinds.has(RouteParamtypes.BODY) || kinds.has(RouteParamtypes.RAW_BODY),
    query: all || kinds.has(RouteParamtypes.QUERY),
  };
}

function queryFaults(query: unknown): ErrorDetail[] {
  return unknownFields(query).filter(({ path }) => !PAGE_PARAMETERS.has(path));
}

function bodyFaults(body: unknown): ErrorDetail[] {
  if (body === undefined) return [];
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return unknownFields(body);
  return [{ path: '', code: 'unexpected_body', message: 'This route reads no body: send none' }];
}

function unknownFields(given: unknown): ErrorDetail[] {
  return Object.keys((given ?? {}) as object)
    .slice(0, 100)
    .map((path) => ({ path, code: 'unknown_field', message: `There is no field ${path}: remove it` }));
}
