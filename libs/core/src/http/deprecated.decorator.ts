import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { type Deprecation, ROUTE_DEPRECATION } from './deprecation.js';
import { AddRouteConfig } from './route-config.js';

/** Marks one route as deprecated, in its answers and in the API document. */
export function DeprecatedRoute(deprecation: Deprecation): MethodDecorator {
  return applyDecorators(
    AddRouteConfig({ [ROUTE_DEPRECATION]: deprecation }),
    ApiOperation({ deprecated: true }, { overrideExisting: false }),
  );
}
