import type { LoadedPlugin } from './loaded-plugin.js';

export const SWITCHED_OFF = 'disabled by an administrator';

/**
 * Which plugins do not run while these are switched off, and why: they themselves, and all that require one of them.
 * `plugins` in dependency order. What Guildhall is made of runs whatever is switched off.
 */
export function switchedOff(plugins: Iterable<LoadedPlugin>, off: ReadonlySet<string>): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const { descriptor, essential } of plugins) {
    const { id, requires = [] } = descriptor;
    if (essential) continue;
    const needed = requires.find((other) => out.has(other));
    if (off.has(id)) out.set(id, SWITCHED_OFF);
    else if (needed !== undefined) out.set(id, `requires plugin '${needed}', which is stopped`);
  }
  return out;
}
