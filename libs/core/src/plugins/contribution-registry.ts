import type { Module } from '@nestjs/core/injector/module.js';
import type { ModulesContainer } from '@nestjs/core';
import { ConfigurationError, type ErrorDetail, UnavailableError, contributionOf } from '@guildhall/sdk';
import type { Contribution, Contributions } from './contributions.js';
import { moduleOwners } from './module-owners.js';
import type { PluginStates } from './plugin-state.js';

/** Finds what all modules contribute, once, and shows what of it belongs to plugins that are available. */
export class ContributionRegistry implements Contributions {
  private found?: readonly Contribution[];
  private readonly views = new Map<string, ReadonlyMap<string, Contribution>>();
  private viewsRevision = -1;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly states: PluginStates,
  ) {}

  list<Handler, Options>(kind: string): readonly Contribution<Handler, Options>[] {
    return [...this.view(kind).values()] as Contribution<Handler, Options>[];
  }

  find<Handler, Options>(kind: string, name: string): Contribution<Handler, Options> | undefined {
    const found = this.view(kind).get(name);
    if (!found && !this.states.allAvailable) this.refuseUnavailable(kind, name);
    return found as Contribution<Handler, Options> | undefined;
  }

  /** Everything found, of unavailable plugins too. Throws when two plugins claim one name. */
  all(): readonly Contribution[] {
    return (this.found ??= refuseDuplicates(this.discover()));
  }

  private view(kind: string): ReadonlyMap<string, Contribution> {
    if (this.viewsRevision !== this.states.revision) {
      this.views.clear();
      this.viewsRevision = this.states.revision;
    }
    const known = this.views.get(kind);
    if (known) return known;
    const available = this.all().filter((item) => item.kind === kind && this.states.isAvailable(item.pluginId));
    const view = new Map(available.map((item) => [item.name, item]));
    this.views.set(kind, view);
    return view;
  }

  private refuseUnavailable(kind: string, name: string): void {
    const owner = this.all().find((item) => item.kind === kind && item.name === name)?.pluginId;
    if (owner === undefined) return;
    const what = `The ${kind.replaceAll('-', ' ')} '${name}' belongs to plugin '${owner}'`;
    throw new UnavailableError('plugin_unavailable', `${what}, which is ${this.states.get(owner)?.status}`);
  }

  private discover(): Contribution[] {
    const ownerOf = moduleOwners(this.states.all().map(({ plugin }) => plugin.module));
    const seen = new Set<object>();
    return [...this.modules.values()].flatMap((module) => contributionsOf(module, ownerOf(module.metatype), seen));
  }
}

/** `seen`: one instance may stand under several tokens (`useExisting`). */
function contributionsOf(module: Module, pluginId: string, seen: Set<object>): Contribution[] {
  const found: Contribution[] = [];
  for (const { instance } of module.providers.values()) {
    if (typeof instance !== 'object' || instance === null || seen.has(instance)) continue;
    seen.add(instance);
    const metadata = contributionOf(instance.constructor);
    if (metadata) found.push({ ...metadata, pluginId, instance });
  }
  return found;
}

function refuseDuplicates(found: readonly Contribution[]): readonly Contribution[] {
  const first = new Map<string, Contribution>();
  const faults: ErrorDetail[] = [];
  for (const item of found) {
    const key = `${item.kind} ${item.name}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, item);
    else {
      const message = `${item.kind} '${item.name}' is contributed by plugin '${other.pluginId}' and plugin '${item.pluginId}': rename one`;
      faults.push({ path: `${item.kind}[${item.name}]`, code: 'duplicate_contribution', message });
    }
  }
  if (faults.length > 0) throw new ConfigurationError('Plugins contribute the same name twice', faults);
  return found;
}
