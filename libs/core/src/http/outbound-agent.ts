import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, Client, type Dispatcher, Pool, buildConnector } from 'undici';
import { type OutboundGuard, type Trust, portOf } from './outbound-guard.js';

/** Per origin, for calls that are soon over. */
export const CONNECTIONS = 100;
/**
 * Per origin, for model calls, which last: more than the runs that one process works on, or those of one tenant would
 * hold up all others'.
 */
export const MODEL_CONNECTIONS = 500;
const KEPT_ALIVE = 20;
const KEEP_ALIVE_MS = 30_000;
/** A connection beyond those kept serves a next request that is already there, then goes. */
const SPARE_MS = 50;
export const CONNECT_TIMEOUT_MS = 10_000;

export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface AgentOptions {
  readonly connections: number;
  readonly connectMs?: number;
  readonly lookup?: Lookup | undefined;
}

/**
 * A pool of connections for one kind of trust; they are never shared with the other. Every connection is made to an
 * address that was just checked: the name is resolved once, and what came out is both judged and used.
 */
export function outboundAgent(
  guard: OutboundGuard,
  trust: Trust,
  { connections, connectMs: timeout = CONNECT_TIMEOUT_MS, lookup = systemLookup }: AgentOptions,
): Agent {
  return new Agent({
    connections,
    allowH2: false,
    factory: (origin, options) => {
      // For those who use the agent itself; a literal address is not looked up, so this is its one check.
      const url = guard.checkUrl(String(origin), trust);
      const judged = judgedLookup(lookup, (address) => guard.checkAddress(url.hostname, address, portOf(url), trust));
      const connect = buildConnector({ lookup: judged, timeout, allowH2: false });
      return keepingPool(origin, connections, { ...(options as Pool.Options), connect });
    },
  });
}

function keepingPool(origin: string | URL, connections: number, options: Pool.Options): Dispatcher {
  let made = 0;
  return new Pool(origin, {
    ...options,
    factory: (to, clientOptions) => {
      // Requests go to the clients made first, so the first ones are the ones worth keeping.
      const idle = made++ % connections < KEPT_ALIVE ? KEEP_ALIVE_MS : SPARE_MS;
      return new Client(to, {
        ...(clientOptions as Client.Options),
        keepAliveTimeout: idle,
        keepAliveMaxTimeout: idle,
      });
    },
  });
}

/** One address too many refuses the name: which of them is used is for the network to say. */
function judgedLookup(lookup: Lookup, judge: (address: string) => void): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      try {
        if (error) throw error;
        for (const { address } of addresses) judge(address);
        const [first] = addresses;
        if (first === undefined) throw new Error('The name has no address');
        if (options.all) done(null, addresses);
        else done(null, first.address, first.family);
      } catch (refusal) {
        done(refusal as Error, '', 0);
      }
    });
  };
}
