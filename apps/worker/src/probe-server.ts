import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { HealthService, HostGuard, Metrics, Settings, statusOf } from '@guildhall/core';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (status: number, value: object): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/** What the kubelet and Prometheus ask of a worker; nothing else is served. */
export function probeServer(app: INestApplicationContext): Server {
  const health = app.get(HealthService);
  const metrics = app.get(Metrics);
  const hosts = new HostGuard(app.get(Settings));

  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    '/health/live': async () => json(200, { status: 'alive' }),
    '/health/startup': async () =>
      health.started ? json(200, { status: 'started' }) : json(503, { status: 'starting' }),
    '/health/ready': async () => {
      const { ready, ...report } = await health.ready();
      return json(ready ? 200 : 503, report);
    },
    '/metrics': async () => ({
      status: 200,
      type: metrics.registry.contentType,
      body: await metrics.registry.metrics(),
    }),
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = hosts.refusalOf(request);
    const path = (request.url ?? '/').split('?')[0]!;
    const found = request.method === 'GET' ? answers[path] : undefined;
    const { status, type, body } = refusal
      ? json(statusOf(refusal), { status: refusal.message })
      : found
        ? await found().catch(() => json(503, { status: 'unavailable' }))
        : json(404, { status: 'not found' });
    response.writeHead(status, { 'content-type': type }).end(body);
  };
  return createServer({ requestTimeout: 10_000 }, (request, response) => void answer(request, response));
}
