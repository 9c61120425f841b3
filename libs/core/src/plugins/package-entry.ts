import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

type Target = string | null | { readonly [condition: string]: Target } | readonly Target[] | undefined;
interface Manifest {
  readonly exports?: Target;
  readonly main?: string;
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * The file URL to import for a plugin's name: a folder (`./plugins/weather`, `/opt/weather`) or a package that
 * `directory` has installed, else one that Guildhall itself has, else a folder without `./` before it
 * (`plugins/weather`): no folder takes the place of a package. Undefined when there is none.
 */
export function packageEntry(name: string, directory: string): string | undefined {
  const folder = join(resolve(directory, name), 'package.json');
  const manifest = isFolder(name) ? folder : (findInstalled(name, directory) ?? folder);
  if (manifest === undefined || !existsSync(manifest)) return undefined;
  const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
  const entry = exports === undefined ? (main ?? 'index.js') : pick(rootExport(exports));
  return entry === undefined ? undefined : pathToFileURL(join(dirname(manifest), entry)).href;
}

function isFolder(name: string): boolean {
  return name.startsWith('.') || isAbsolute(name);
}

function findInstalled(name: string, directory: string): string | undefined {
  for (const base of [pathToFileURL(join(directory, 'package.json')).href, import.meta.url]) {
    try {
      const found = findPackageJSON(name, base);
      if (found !== undefined) return found;
    } catch (error) {
      // Not installed seen from here; a name that is no package name at all is found nowhere either.
      if (!isResolutionError(error)) throw error;
    }
  }
  return undefined;
}

function isResolutionError(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ERR_MODULE_NOT_FOUND', 'ERR_INVALID_MODULE_SPECIFIER', 'MODULE_NOT_FOUND'].includes(code);
}

function rootExport(exports: Target): Target {
  const isMap = typeof exports === 'object' && exports !== null && '.' in exports;
  return isMap ? (exports as { readonly '.': Target })['.'] : exports;
}

/** Node's rule: the first key, in the manifest's order, that is a condition we fulfil. */
function pick(target: Target): string | undefined {
  if (typeof target === 'string') return target;
  if (target === null || target === undefined) return undefined;
  const options = Array.isArray(target)
    ? (target as readonly Target[])
    : Object.entries(target).flatMap(([condition, value]) => (CONDITIONS.has(condition) ? [value as Target] : []));
  for (const option of options) {
    const found = pick(option);
    if (found !== undefined) return found;
  }
  return undefined;
}
