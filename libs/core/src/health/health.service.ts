import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Readiness } from '../lifecycle/readiness.js';
import { type ComponentHealth, type HealthCheck, HealthRegistry } from './health-registry.js';

/** A probe must answer before the kubelet gives up on it (3 s). */
const CHECK_LIMIT_MS = 2000;

export interface ReadinessReport {
  readonly ready: boolean;
  readonly status: 'ready' | 'starting' | 'draining' | 'unavailable';
  /** What is not healthy, by name. */
  readonly failing?: Readonly<Record<string, string>>;
}

export type Components = Readonly<Record<string, ComponentHealth>>;

/** Asks the registered components how they are; no component can keep an answer waiting. */
@Injectable()
export class HealthService {
  private probing?: Promise<ReadinessReport>;

  constructor(
    private readonly registry: HealthRegistry,
    private readonly readiness: Readiness,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** Whether this process should get requests. Probes that come together share one look. */
  ready(): Promise<ReadinessReport> {
    return (this.probing ??= this.probe().finally(() => (this.probing = undefined)));
  }

  get started(): boolean {
    return this.readiness.started;
  }

  async components(): Promise<Components> {
    return this.run(this.registry.all());
  }

  private async probe(): Promise<ReadinessReport> {
    if (this.readiness.draining) return { ready: false, status: 'draining' };
    if (!this.readiness.started) return { ready: false, status: 'starting' };
    const results = await this.run(this.registry.all().filter(({ readiness }) => readiness === true));
    const failing = Object.entries(results).filter(([, { status }]) => status === 'unhealthy');
    if (failing.length === 0) return { ready: true, status: 'ready' };
    const reasons = failing.map(([name, { detail }]) => [name, detail ?? 'unhealthy']);
    return { ready: false, status: 'unavailable', failing: Object.fromEntries(reasons) as Record<string, string> };
  }

  private async run(checks: readonly HealthCheck[]): Promise<Components> {
    const results = await Promise.all(checks.map(async (check) => [check.name, await this.look(check)] as const));
    return Object.fromEntries(results);
  }

  private async look(check: HealthCheck): Promise<ComponentHealth> {
    const attempt = this.indicators
      .check(check.name)
      .attempt(async ({ signal }) => ({ health: await ask(check, signal) }));
    const seen = (await attempt.withTimeout(CHECK_LIMIT_MS))[check.name];
    if (seen?.status === 'up') return seen.health;
    return { status: 'unhealthy', detail: `No answer within ${CHECK_LIMIT_MS} ms` };
  }
}

async function ask(check: HealthCheck, signal: AbortSignal): Promise<ComponentHealth> {
  try {
    return await check.check(signal);
  } catch (error) {
    // The words of a failing driver may name hosts and users; its code does not.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return { status: 'unhealthy', detail: `The check failed${code}` };
  }
}
