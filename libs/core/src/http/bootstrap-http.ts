import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';

export interface HttpAppOptions {
  /** The root logger: its lines carry the fields of `currentLogFields()`. */
  readonly logger: Logger;
  /** Nest's own messages go here; `false` silences them. */
  readonly nestLogger?: LoggerService | false;
}

/**
 * The HTTP application of `module`, configured but neither initialised nor listening: `await app.init()` or
 * `await app.listen(...)` is the caller's. The same for `apps/api`, the worker's probes and in-process tests.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  settings: Settings,
  { nestLogger }: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: settings.PORT >= 0 ? 1_048_576 : 0 });
  return NestFactory.create<NestFastifyApplication>(module, adapter, { logger: nestLogger, abortOnError: false });
}
