import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { type ValidationError as ClassFault, validateSync } from 'class-validator';
import type { ErrorDetail } from '@guildhall/sdk';

/** Makes an instance with its defaults, and says everything that is wrong with it. */
export function validated<T extends object>(
  type: ClassConstructor<T>,
  input: object,
): [value: T, faults: ErrorDetail[]] {
  const value = plainToInstance(type, input);
  const found = validateSync(value, { whitelist: true, forbidNonWhitelisted: true });
  return [value, found.flatMap((fault) => toFaults(fault, ''))];
}

function toFaults({ property, constraints = {}, children = [] }: ClassFault, parent: string): ErrorDetail[] {
  const path = join(parent, property);
  return [
    ...Object.entries(constraints).map(([code, message]) => ({ path, code, message })),
    ...children.flatMap((child) => toFaults(child, path)),
  ];
}

function join(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent ? `${parent}.${property}` : property;
}
