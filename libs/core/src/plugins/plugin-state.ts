import type { LoadedPlugin } from './loaded-plugin.js';

/** `loaded → initialising → active → stopping → stopped`; `degraded` failed itself, `skipped` lacks another. */
export type PluginStatus = 'loaded' | 'initialising' | 'active' | 'degraded' | 'skipped' | 'stopping' | 'stopped';

const UNAVAILABLE: ReadonlySet<PluginStatus> = new Set(['degraded', 'skipped', 'stopping', 'stopped']);

export interface PluginState {
  readonly plugin: LoadedPlugin;
  readonly status: PluginStatus;
  /** Why it is not active. */
  readonly reason?: string;
}

/** What every plugin is doing right now. Asked on each request and each lookup, so answers are single map reads. */
export class PluginStates {
  private readonly states: Map<string, PluginState>;
  private readonly unavailable = new Set<string>();
  private changes = 0;

  /** `plugins` in dependency order. */
  constructor(plugins: readonly LoadedPlugin[]) {
    this.states = new Map(plugins.map((plugin) => [plugin.descriptor.id, { plugin, status: 'loaded' as const }]));
  }

  /** Grows with every change; lets readers keep what they derived. */
  get revision(): number {
    return this.changes;
  }

  get(id: string): PluginState | undefined {
    return this.states.get(id);
  }

  /** In dependency order. */
  all(): PluginState[] {
    return [...this.states.values()];
  }

  set(id: string, status: PluginStatus, reason?: string): void {
    const known = this.states.get(id);
    if (known === undefined) return;
    this.states.set(id, { plugin: known.plugin, status, ...(reason === undefined ? {} : { reason }) });
    if (UNAVAILABLE.has(status)) this.unavailable.add(id);
    else this.unavailable.delete(id);
    this.changes++;
  }

  get allAvailable(): boolean {
    return this.unavailable.size === 0;
  }

  /** Whether what it contributes can be used: not degraded, skipped, stopped, or about to be. */
  isAvailable(id: string): boolean {
    return !this.unavailable.has(id);
  }

  /** Active plugins that require this one. */
  activeDependents(id: string): PluginState[] {
    return this.all().filter(
      ({ plugin, status }) => status === 'active' && plugin.descriptor.requires?.includes(id) === true,
    );
  }
}
