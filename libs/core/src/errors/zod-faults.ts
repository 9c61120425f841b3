import { z } from 'zod';
import type { ErrorDetail } from '@guildhall/sdk';

export interface ZodFaultsOptions {
  /** Where `input` stands in what the caller sent. */
  readonly root?: string;
  /** What to call the whole of it. Default: `root`. */
  readonly whole?: string;
}

/** What zod found wrong with `input`, in the words of every other route where they have one for it. */
export function zodFaults(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  { root = '', whole = root }: ZodFaultsOptions = {},
): ErrorDetail[] {
  const pathOf = (path: readonly PropertyKey[]) => z.core.toDotPath(root === '' ? path : [root, ...path]);
  return issues.flatMap((issue): ErrorDetail[] => {
    const { code, path, message } = issue;
    if (code !== 'unrecognized_keys') {
      return [{ path: pathOf(path), code: isMissing(issue, input) ? 'required' : code, message }];
    }
    const owner = path.length === 0 ? whole : pathOf(path);
    return issue.keys.map((key) => ({
      path: pathOf([...path, key]),
      code: 'unknown_field',
      message: `There is no such field in ${owner}: remove "${key}"`,
    }));
  });
}

/** A refinement may name a field that is rightly absent. */
function isMissing({ code, path }: z.core.$ZodIssue, input: unknown): boolean {
  if (code === 'custom') return false;
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value === undefined;
}
