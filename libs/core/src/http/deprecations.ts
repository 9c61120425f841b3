import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Deprecation, ROUTE_DEPRECATION } from './deprecation.js';

type Headers = Readonly<Record<string, string>>;

/** Deprecated versions and routes. All their answers say so, errors too. */
export class Deprecations {
  private readonly versions: { readonly prefix: string; readonly headers: Headers }[] = [];
  private readonly routes = new WeakMap<Deprecation, Headers>();

  /** Every path under `prefix`, unknown ones too: `/api/v0`. */
  register(prefix: string, deprecation: Deprecation): void {
    this.versions.push({ prefix: `${prefix}/`, headers: headersOf(deprecation) });
  }

  announce(request: FastifyRequest, reply: FastifyReply): void {
    const headers = this.find(request);
    if (headers) void reply.headers(headers);
  }

  private find(request: FastifyRequest): Headers | undefined {
    const config = request.routeOptions.config as { [ROUTE_DEPRECATION]?: Deprecation } | undefined;
    const route = config?.[ROUTE_DEPRECATION];
    if (route) {
      const headers = this.routes.get(route) ?? headersOf(route);
      this.routes.set(route, headers);
      return headers;
    }
    const url = request.raw.url ?? '';
    return this.versions.find(({ prefix }) => url.startsWith(prefix))?.headers;
  }
}

function headersOf({ since, sunset, successor }: Deprecation): Headers {
  const link = successor.startsWith('/') ? successor : `/api/${successor}`;
  return {
    // RFC 9745: a structured date, seconds of the epoch after an @.
    deprecation: `@${Math.floor(since.getTime() / 1000)}`,
    // RFC 8594: an HTTP date.
    sunset: sunset.toUTCString(),
    link: `<${link}>; rel="successor-version"`,
    'x-api-deprecated': 'true',
    'x-api-sunset': sunset.toISOString().slice(0, 10),
    'x-api-upgrade-to': successor,
  };
}
