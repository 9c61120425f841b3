import type { DynamicModule, Type } from '@nestjs/common';
import { pluginOf } from '@guildhall/sdk';

/** Core's parts are made by its `forRoot`, so what nobody else claims is its own. */
const CORE = 'core';

interface ModuleParts {
  readonly module: Type | undefined;
  readonly imports: readonly unknown[];
}

/**
 * Which plugin each module class belongs to: a plugin's own class and whatever it imports, down to the next plugin.
 * Read from what modules declare, not from Nest's module graph: there a global module is imported by everybody.
 */
export function moduleOwners(plugins: readonly Type[]): (module: unknown) => string {
  const owners = new Map<Type, string>();
  for (const plugin of plugins) {
    const id = pluginOf(plugin)?.id;
    if (id !== undefined) claim(plugin, id, owners);
  }
  return (module) => owners.get(module as Type) ?? CORE;
}

function claim(entry: unknown, id: string, owners: Map<Type, string>): void {
  const { module, imports } = partsOf(entry);
  if (module === undefined || owners.has(module)) return;
  const declared = pluginOf(module);
  if (declared !== undefined && declared.id !== id) return;
  owners.set(module, id);
  for (const inner of imports) claim(inner, id, owners);
}

function partsOf(entry: unknown): ModuleParts {
  if (typeof entry === 'function') {
    return { module: entry as Type, imports: (Reflect.getMetadata('imports', entry) ?? []) as unknown[] };
  }
  const { module, imports = [] } = (entry ?? {}) as Partial<DynamicModule>;
  if (module === undefined) return { module: undefined, imports: [] };
  return { module, imports: [...imports, ...partsOf(module).imports] };
}
