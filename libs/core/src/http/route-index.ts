import type { AppError } from '@guildhall/sdk';
import { Errors } from '../errors/errors.js';

interface IndexedRoute {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** All routes by path, asked only when a request matched none: was the path wrong, or just the method? */
export class RouteIndex {
  private readonly routes = new Map<string, IndexedRoute>();

  /** `url` in Fastify's syntax: `/agents/:id`, `/docs/*`. */
  add(url: string, methods: string | readonly string[]): void {
    const route = this.routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const method of [methods].flat()) route.methods.add(method);
    this.routes.set(url, route);
  }

  allowed(path: string): readonly string[] {
    const methods = [...this.routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .map((route) => [...route.methods]);
    return [...new Set(methods.flat())].toSorted();
  }

  /** What a request that matched no route is told. */
  explain(method: string, path: string): AppError {
    const allowed = this.allowed(path);
    return allowed.length > 0 ? Errors.methodNotAllowed(method, allowed) : Errors.routeNotFound(method, path);
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*';
      if (segment.startsWith(':')) return '[^/]+';
      return segment.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
