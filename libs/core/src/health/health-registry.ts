import { Injectable } from '@nestjs/common';

export interface ComponentHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly detail?: string;
}

export interface HealthCheck {
  readonly name: string;
  /** An unhealthy component with `readiness` makes the process not ready; others only degrade it. */
  readonly readiness?: boolean;
  check(signal: AbortSignal): Promise<ComponentHealth> | ComponentHealth;
}

/** The components that `/health` reports on; each registers itself when it starts. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();

  register(check: HealthCheck): void {
    this.checks.set(check.name, check);
  }

  all(): readonly HealthCheck[] {
    return [...this.checks.values()];
  }
}
