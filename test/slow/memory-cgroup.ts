import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
let made = 0;

/** Where a process may be put that is to have no more memory than a container; remove it when that has ended. */
export interface MemoryCgroup {
  readonly folder: string;
  remove(): void;
}

/**
 * A new control group whose processes may take so much memory together, or a reason why there is none: many machines,
 * containers among them, let nobody make one.
 */
export function memoryCgroup(bytes: number): MemoryCgroup | { readonly missing: string } {
  const unified = existsSync(join(ROOT, 'cgroup.controllers'));
  const folder = join(ROOT, unified ? '' : 'memory', `guildhall-test-${process.pid}-${++made}`);
  try {
    mkdirSync(folder);
  } catch (error) {
    return { missing: `No control group can be made: ${(error as Error).message}` };
  }
  try {
    writeFileSync(join(folder, unified ? 'memory.max' : 'memory.limit_in_bytes'), String(bytes));
    return { folder, remove: () => rmdirSync(folder) };
  } catch (error) {
    rmdirSync(folder);
    return { missing: `A control group's memory cannot be limited: ${(error as Error).message}` };
  }
}
