import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { type Deprecation, ROUTE_DEPRECATION } from './deprecation.js';
import { AddRouteConfig } from './route-config.js';

/**
 * Marks one route as deprecated, in its answers and in the API document. None is yet; clients are promised the headers
 * from the first that will be.
 * @public
 */
export function DeprecatedRoute(deprecation: Deprecation): MethodDecorator {
  return applyDecorators(
    AddRouteConfig({ [ROUTE_DEPRECATION]: deprecation }),
    ApiOperation({ deprecated: true }, { overrideExisting: false }),
  );
}
