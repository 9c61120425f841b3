import { resolve } from 'node:path';

/** Where an embedded database keeps its data. */
export type EmbeddedLocation =
  | { readonly kind: 'directory'; readonly path: string }
  /** Gone when it closes; starts from the dump in the file, where one is named. */
  | { readonly kind: 'memory'; readonly dump?: string | undefined };

/** Reads `pglite:<dir>`, `pglite:memory` and `pglite:memory?dump=<file>`; without a URL it is `dataDir`. */
export function embeddedLocation(url: string | undefined, dataDir: string): EmbeddedLocation {
  const [path, query] = (url ?? '').replace(/^pglite:(\/\/(?=\/|memory))?/, '').split('?', 2);
  if (path === 'memory') {
    const dump = new URLSearchParams(query).get('dump');
    return { kind: 'memory', ...(dump === null ? {} : { dump }) };
  }
  return { kind: 'directory', path: resolve(path || dataDir) };
}
