/** What ordering needs to know of a plugin. */
export interface Orderable {
  readonly id: string;
  readonly requires?: readonly string[];
  readonly optional?: readonly string[];
}

export interface PluginOrder<T> {
  /** Every plugin after all it builds on; otherwise in the order given. */
  readonly order: readonly T[];
  /** Circles, each as the ids on the way round: `['a', 'b', 'a']`. */
  readonly cycles: readonly (readonly string[])[];
  /** Required plugins that are not there. */
  readonly gaps: readonly { readonly plugin: string; readonly missing: string }[];
}

/** Sorts plugins so that each stands behind those it `requires` and the `optional` ones that are present. */
export function orderPlugins<T extends Orderable>(plugins: readonly T[]): PluginOrder<T> {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const order: T[] = [];
  const cycles: string[][] = [];
  const done = new Set<string>();

  const visit = (plugin: T, path: readonly string[]): void => {
    const seenAt = path.indexOf(plugin.id);
    if (seenAt >= 0) {
      cycles.push([...path.slice(seenAt), plugin.id]);
      return;
    }
    if (done.has(plugin.id)) return;
    for (const id of [...(plugin.requires ?? []), ...(plugin.optional ?? [])]) {
      const dependency = byId.get(id);
      if (dependency) visit(dependency, [...path, plugin.id]);
    }
    if (done.has(plugin.id)) return;
    done.add(plugin.id);
    order.push(plugin);
  };
  for (const plugin of plugins) visit(plugin, []);

  const gaps = plugins.flatMap(({ id, requires = [] }) =>
    requires.filter((needed) => !byId.has(needed)).map((missing) => ({ plugin: id, missing })),
  );
  return { order, cycles, gaps };
}
