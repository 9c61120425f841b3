import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Boot, NestLogger, Shutdown, createHttpApp } from '@guildhall/core';
import { type ComposeOptions, Guildhall } from '../../shared/src/compose.js';
import { type ListeningPlace, explainListenFailure } from '../../shared/src/require-listenable.js';
import type { RunningApp } from '../../shared/src/running-app.js';

const IDLE_EVERY_MS = 50;

/** The API as a running server: composed, plugins started, listening. */
export async function startApi(
  options: Omit<ComposeOptions, 'role' | 'place'>,
): Promise<RunningApp<NestFastifyApplication>> {
  const { settings } = options.loaded;
  const place = { host: settings.HOST, port: settings.PORT, portSetting: 'PORT' } as const;
  const { module, logger } = await Guildhall.compose({ ...options, role: 'api', place });
  const app = await createHttpApp(module, settings, { logger, nestLogger: new NestLogger(logger) });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopApi(app));
  // Nothing was served: no balancer needs to notice.
  const giveUp = (): Promise<void> => (stopping ??= stopApi(app, 0));
  try {
    await app.init();
    await app.get(Boot).start();
    await listen(app, place);
    await app.get(Boot).ready();
  } catch (error) {
    await giveUp();
    throw error;
  }
  const { port, address, family } = app.getHttpServer().address() as AddressInfo;
  const host = address === '::' || address === '0.0.0.0' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return { app, logger, url: `http://${host}:${port}`, stop };
}

async function listen(app: NestFastifyApplication, place: ListeningPlace): Promise<void> {
  try {
    await app.listen(place.port, place.host);
  } catch (error) {
    // Another process came first while this one booted.
    throw explainListenFailure(error, place);
  }
}

async function stopApi(app: NestFastifyApplication, balancerDelayMs?: number): Promise<void> {
  await app.get(Shutdown).run({ closeHttp: (force) => closeHttp(app, force) }, balancerDelayMs);
  await app.close();
}

async function closeHttp(app: NestFastifyApplication, force: AbortSignal): Promise<void> {
  const server = app.getHttpServer() as Server;
  const closed = app.getHttpAdapter().close();
  // Time and again: the connection of a stream that has just ended is idle only now, and would be kept alive.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_EVERY_MS);
  force.addEventListener('abort', () => server.closeAllConnections(), { once: true });
  await closed.finally(() => clearInterval(idle));
}
