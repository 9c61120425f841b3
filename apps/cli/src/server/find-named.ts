import { nearestName } from '@guildhall/core';
import { AppError } from '@guildhall/sdk';

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** The one of that name; undefined where there is none. Throws where it may be any of several. */
export function findNamed(all: readonly Named[], wanted: string): Named | undefined {
  const [found, ...others] = all.filter(({ name }) => name === wanted);
  if (others.length === 0) return found;
  const ids = [found!, ...others].map(({ id }) => id).join(', ');
  throw new AppError('conflict', 'ambiguous_name', `Several are called '${wanted}'; say which: ${ids}`);
}

/** `No agent is called 'suport'; did you mean 'support'?` */
export function noneCalled(noun: string, wanted: string, all: readonly Named[], remedy = ''): AppError {
  const names = all.map(({ name }) => name);
  const meant = nearestName(wanted, names);
  const hint = meant === undefined ? '.' : `; did you mean '${meant}'?`;
  return new AppError('not_found', `${noun}_not_found`, `No ${noun} is called '${wanted}'${hint}${remedy}`);
}
