import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { Boot, NestLogger, Shutdown } from '@guildhall/core';
import { type ComposeOptions, Guildhall } from '../../shared/src/compose.js';
import { type ListeningPlace, explainListenFailure } from '../../shared/src/require-listenable.js';
import type { RunningApp } from '../../shared/src/running-app.js';
import { probeServer } from './probe-server.js';

/** The same plugins without routes: works on runs and jobs, answers probes on `WORKER_PORT`. */
export async function startWorker(options: Omit<ComposeOptions, 'role' | 'place'>): Promise<RunningApp> {
  const { settings } = options.loaded;
  const place = { host: settings.HOST, port: settings.WORKER_PORT, portSetting: 'WORKER_PORT' } as const;
  const { module, logger } = await Guildhall.compose({ ...options, role: 'worker', place });
  const nestLogger = new NestLogger(logger);
  const app = await NestFactory.createApplicationContext(module, { logger: nestLogger, abortOnError: false });
  // Up before the plugins start: a slow start is not a dead process.
  const probes = await probeServerOf(app, place);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopWorker(app, probes));
  try {
    await app.get(Boot).start();
    await app.get(Boot).ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return { app, logger, url: `http://${settings.HOST}:${(probes.address() as AddressInfo).port}`, stop };
}

async function probeServerOf(app: INestApplicationContext, place: ListeningPlace): Promise<Server> {
  const server = probeServer(app).listen(place.port, place.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    await app.close();
    throw explainListenFailure(error, place);
  }
  return server;
}

async function stopWorker(app: INestApplicationContext, probes: Server): Promise<void> {
  // No balancer stands before a worker: nothing to wait for. Probes answer until the end.
  await app.get(Shutdown).run({ closeHttp: async () => {} }, 0);
  probes.closeAllConnections();
  probes.close();
  await app.close();
}
