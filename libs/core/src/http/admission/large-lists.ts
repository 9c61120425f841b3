import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RequestWithContext } from '../context.decorator.js';
import { scopeOf } from '../request-scope.js';

/** Several lists of this length at once, and every other tenant notices: the database reads them, one thread writes them. */
const LARGE = 256 * 1024;
const REMEMBERED_MS = 10_000;

interface Lane {
  /** The routes whose lists were large. */
  readonly routes: Set<string>;
  readonly forget: NodeJS.Timeout;
  /** Resolves when all that came before are made. */
  last: Promise<void>;
}

/**
 * Large lists of a tenant are made one after the other. How large one is shows when it is made: from then on, and for a
 * while, all of its route wait for each other. Who reads page by page waits for nobody.
 */
export class LargeLists {
  private readonly lanes = new Map<string, Lane>();
  private readonly leaves = new WeakMap<FastifyRequest, () => void>();

  /** Resolves when it is this request's turn; undefined where it need not wait. */
  enter(request: FastifyRequest): Promise<void> | undefined {
    const lane = this.lanes.get(tenantOf(request));
    if (!lane?.routes.has(routeOf(request))) return undefined;
    const before = lane.last;
    const { promise, resolve } = Promise.withResolvers<void>();
    lane.last = before.then(() => promise);
    this.leaves.set(request, resolve);
    // However it ends; a list that was made has left before.
    scopeOf(request)?.atEnd(resolve);
    return before;
  }

  /** The list is made: its sending takes nobody's turn. */
  made(request: FastifyRequest, length: number): void {
    this.leaves.get(request)?.();
    if (length < LARGE || request.method !== 'GET') return;
    const lane = this.lanes.get(tenantOf(request)) ?? this.open(tenantOf(request));
    lane.routes.add(routeOf(request));
    lane.forget.refresh();
  }

  private open(tenantId: string): Lane {
    const forget = setTimeout(() => this.lanes.delete(tenantId), REMEMBERED_MS).unref();
    const lane: Lane = { routes: new Set(), forget, last: Promise.resolve() };
    this.lanes.set(tenantId, lane);
    return lane;
  }
}

/** Before a handler, when it is known who asks. */
export function installLargeLists(fastify: FastifyInstance, lists: LargeLists): void {
  fastify.addHook('preHandler', (request, _reply, done) => {
    const turn = lists.enter(request);
    if (!turn) return done();
    const begin = () => {
      const signal = scopeOf(request)?.signal;
      done(signal?.aborted ? (signal.reason as Error) : undefined);
    };
    void turn.then(begin);
  });
}

const tenantOf = (request: FastifyRequest): string =>
  (request as FastifyRequest & RequestWithContext).guildhall.tenantId;

const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? '';
