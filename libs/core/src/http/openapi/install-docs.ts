import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { RouteOptions } from 'fastify';
import { DEVELOPMENT_API_KEY } from '../../config/refusals.js';
import type { Settings } from '../../config/settings.js';
import { PUBLIC_ROUTE } from '../../security/access.decorators.js';
import { buildDocument } from './build-document.js';

const DOCS = /^\/(docs(\/.*)?|openapi\.json)$/;
const OTHER_NAMES = /^\/docs\/(index\.html)?$/;

/** Swagger UI at `/docs` and its document at `/openapi.json`, built when first asked for. */
export function installDocs(app: NestFastifyApplication, settings: Settings): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= buildDocument(app, offeredKey(settings))), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Guildhall API',
    // A key stays in the browser where it is a developer's own.
    swaggerOptions: { docExpansion: 'none', filter: true, persistAuthorization: settings.NODE_ENV === 'development' },
  });
}

/** The one that the source names. A key of the operator's own is told to nobody. */
function offeredKey({ NODE_ENV, BOOTSTRAP_API_KEY }: Settings): string | undefined {
  return NODE_ENV === 'development' && BOOTSTRAP_API_KEY === DEVELOPMENT_API_KEY ? DEVELOPMENT_API_KEY : undefined;
}

/**
 * These routes are not Nest's, so `@Public()` cannot open them. Swagger UI holds the document to be where its page is, so the
 * page stands at `/docs` alone: its other names lead there, wherever a proxy has put them.
 */
export function openDocs(route: RouteOptions): void {
  if (!DOCS.test(route.url)) return;
  route.config = { ...route.config, [PUBLIC_ROUTE]: true } as never;
  if (OTHER_NAMES.test(route.url)) route.onRequest = (_request, reply) => void reply.redirect('../docs');
}
