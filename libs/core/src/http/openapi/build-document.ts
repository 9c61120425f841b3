import type { INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SDK_VERSION } from '@guildhall/sdk';
import { PUBLIC_ROUTE, SYSTEM_ROUTE, requiredScopesOf } from '../../security/access.decorators.js';
import { type Access, completeDocument } from './complete-document.js';

const API_OPERATION = 'swagger/apiOperation';

const DESCRIPTION = `AI agents as a service: agents, workers and tools under one roof.

A failure has the body \`Failure\`. Who asks for \`Accept: application/problem+json\` gets the same facts as a \`Problem\`, the form of RFC 9457.`;

/** Markdown takes what stands in angle brackets for HTML, and Swagger UI shows none. */
const KEY_FORM = 'gh\\_&lt;keyId&gt;\\_&lt;secret&gt;';

/** The OpenAPI 3.1 document of all routes of the application; a key that anybody may know is offered in it. */
export function buildDocument(app: INestApplication, developmentKey?: string): OpenAPIObject {
  const offer = developmentKey === undefined ? '' : ` In development \`${developmentKey}\` is one.`;
  const description = `An API key: ${KEY_FORM}.${offer}`;
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Guildhall')
    .setDescription(DESCRIPTION)
    .setVersion(SDK_VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('.', 'This server: relative to this document, also where a proxy puts it under a path')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'API key', description }, 'bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationIdOf });
  const access = accessByOperation(app);
  return completeDocument(document, (id) => access.get(id) ?? { open: false, scopes: [], systemOnly: false });
}

/** `AgentController.list` → `agentList`; a route may name itself with `@ApiOperation({ operationId })`. */
function operationIdOf(controller: string, method: string): string {
  const noun = controller.replace(/Controller$/, '');
  return `${noun[0]!.toLowerCase()}${noun.slice(1)}${method[0]!.toUpperCase()}${method.slice(1)}`;
}

/** What the guard requires of each route, read from the same metadata. */
function accessByOperation(app: INestApplication): Map<string, Access> {
  const found = new Map<string, Access>();
  const scanner = new MetadataScanner();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as Record<string, object>;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name]!;
        const operation = Reflect.getMetadata(API_OPERATION, handler) as { operationId?: string } | undefined;
        found.set(operation?.operationId ?? operationIdOf(metatype.name, name), {
          open: Reflect.getMetadata(PUBLIC_ROUTE, handler) === true,
          scopes: [...requiredScopesOf(metatype), ...requiredScopesOf(handler)],
          systemOnly: [metatype, handler].some((target) => Reflect.getMetadata(SYSTEM_ROUTE, target) === true),
        });
      }
    }
  }
  return found;
}
