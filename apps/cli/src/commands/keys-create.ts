import { NestFactory } from '@nestjs/core';
import {
  ApiKeyService,
  DEFAULT_TENANT,
  NestLogger,
  SCOPES,
  TenantService,
  loadSettings,
  newId,
  schemaState,
} from '@guildhall/core';
import { UnavailableError } from '@guildhall/sdk';
import { DataSource } from 'typeorm';
import { Guildhall } from '../../../shared/src/compose.js';
import { UsageError } from '../../../shared/src/start-options.js';
import type { Command } from '../command.js';
import { readOptions } from '../options.js';

export const keysCreateCommand: Command = {
  name: 'keys create',
  summary: 'Create an API key straight in the database; prints it this once',
  usage: `guildhall keys create --name <text> [--scopes <a,b>] [--tenant <id>] [--expires-at <ISO 8601>]

  --scopes  Of: ${SCOPES.join(' ')}. Default: *`,
  async run(args) {
    const input = readInput(args);
    const loaded = loadSettings();
    const { module, logger } = await Guildhall.compose({ loaded, role: 'cli' });
    logger.level = 'warn';
    const app = await NestFactory.createApplicationContext(module, {
      logger: new NestLogger(logger),
      abortOnError: false,
    });
    try {
      const { pending } = await schemaState(app.get(DataSource));
      if (pending.length > 0) {
        throw new UnavailableError('schema_missing', 'The database lacks tables: run "guildhall migrate" first');
      }
      const { tenantId, ...body } = input;
      const actor = { kind: 'system', id: 'cli', scopes: ['*'] } as const;
      const ctx = { tenantId, actor, requestId: newId('req'), signal: new AbortController().signal, logger };
      await app.get(TenantService).get(ctx, tenantId);
      const { token } = await app.get(ApiKeyService).create(ctx, body);
      console.log(token);
    } finally {
      await app.close();
    }
    return 0;
  },
};

function readInput(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = readOptions(args, { name: text, scopes: text, tenant: text, 'expires-at': text });
  const { name, scopes: list = '*', tenant: tenantId = DEFAULT_TENANT } = options;
  if (name === undefined || name.trim() === '') throw new UsageError('--name says what the key is for and is required');
  const scopes = list.split(',').map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown.length > 0)
    throw new UsageError(`--scopes holds '${unknown.join(', ')}', which is none of: ${SCOPES.join(' ')}`);
  const expiresAt = options['expires-at'];
  if (expiresAt !== undefined && !(Date.parse(expiresAt) > Date.now())) {
    throw new UsageError(`--expires-at takes a time to come, e.g. 2030-01-01T00:00:00Z; found '${expiresAt}'`);
  }
  return { name, scopes, tenantId, ...(expiresAt === undefined ? {} : { expiresAt }) };
}
