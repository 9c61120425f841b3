import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { RouteOptions } from 'fastify';
import type { Settings } from '../../config/settings.js';
import { PUBLIC_ROUTE } from '../../security/access.decorators.js';
import { buildDocument } from './build-document.js';

const DOCS = /^\/(docs(\/.*)?|openapi\.json)$/;

/** Swagger UI at `/docs` and its document at `/openapi.json`, built when first asked for. */
export function installDocs(app: NestFastifyApplication, settings: Settings): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= buildDocument(app)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Guildhall API',
    // A key stays in the browser where it is a developer's own.
    swaggerOptions: { docExpansion: 'none', filter: true, persistAuthorization: settings.NODE_ENV === 'development' },
  });
}

/** These routes are not Nest's, so `@Public()` cannot open them. */
export function openDocs(route: RouteOptions): void {
  if (DOCS.test(route.url)) route.config = { ...route.config, [PUBLIC_ROUTE]: true } as never;
}
