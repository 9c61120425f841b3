import type { PluginState } from '../plugins/plugin-state.js';
import type { ComponentHealth } from './health-registry.js';
import type { Components } from './health.service.js';

type Status = ComponentHealth['status'];

export interface HealthReport {
  readonly status: Status;
  readonly components: Components;
  readonly plugins: {
    readonly total: number;
    readonly active: number;
    readonly items: readonly { readonly id: string; readonly status: string; readonly reason?: string }[];
  };
}

/**
 * The whole from its parts: unhealthy when a part that readiness depends on is, degraded when any other part is not
 * healthy. A plugin that an administrator disabled is no fault.
 */
export function healthReport(
  components: Components,
  required: ReadonlySet<string>,
  plugins: readonly PluginState[],
): HealthReport {
  const entries = Object.entries(components);
  const unhealthy = entries.some(([name, { status }]) => status === 'unhealthy' && required.has(name));
  const degraded =
    entries.some(([, { status }]) => status !== 'healthy') ||
    plugins.some(({ status }) => status === 'degraded' || status === 'skipped');
  const items = plugins.map(({ plugin, status, reason }) => ({
    id: plugin.descriptor.id,
    status,
    ...(reason === undefined ? {} : { reason }),
  }));
  return {
    status: unhealthy ? 'unhealthy' : degraded ? 'degraded' : 'healthy',
    components,
    plugins: { total: plugins.length, active: plugins.filter(({ status }) => status === 'active').length, items },
  };
}
