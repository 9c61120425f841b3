import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Deprecation } from './deprecations.js';
import { AddRouteConfig } from './route-config.js';

export const ROUTE_DEPRECATION = 'guildhall:deprecation';

/** Marks one route as deprecated, in its answers and in the API document. */
export function DeprecatedRoute(deprecation: Deprecation): MethodDecorator {
  return applyDecorators(
    AddRouteConfig({ [ROUTE_DEPRECATION]: deprecation }),
    ApiOperation({ deprecated: true }, { overrideExisting: false }),
  );
}
