import { RouteConfig } from '@nestjs/platform-fastify';

/** Adds to the Fastify route config that hooks see; Nest's own `@RouteConfig` replaces what was there. */
export function AddRouteConfig(values: object): MethodDecorator {
  return (_target, _name, descriptor) => {
    const handler = descriptor.value as object;
    const { KEY } = RouteConfig({});
    const config = (Reflect.getMetadata(KEY, handler) ?? {}) as object;
    Reflect.defineMetadata(KEY, { ...config, ...values }, handler);
  };
}
