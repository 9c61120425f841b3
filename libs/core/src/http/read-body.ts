import type { Type, ValidationPipe } from '@nestjs/common';
import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
import { faultsFound } from '../errors/validation-faults.js';
import { createValidationPipe } from './validation.pipe.js';

let pipe: ValidationPipe | undefined;

/**
 * A body as the pipe would hand it over, for a route that judges values by more than their class can know: what `judge`
 * finds wrong is told beside the faults that the class finds, except of fields that have one already. `@ApiBody` says
 * what the route takes.
 */
export async function readBody<T extends object>(
  type: Type<T>,
  body: unknown,
  judge: (given: Readonly<Record<string, unknown>>) => readonly ErrorDetail[],
): Promise<T> {
  pipe ??= createValidationPipe();
  const read = pipe.transform(body, { type: 'body', metatype: type }) as Promise<T>;
  const [value, faults] = await read.then(
    (passed) => [passed, []] as const,
    (error: unknown) => [undefined, detailsOf(error)] as const,
  );
  const judged = isObject(body) ? judge(body).filter(({ path }) => faults.every((known) => known.path !== path)) : [];
  if (value === undefined || judged.length > 0) throw faultsFound([...faults, ...judged]);
  return value;
}

function detailsOf(error: unknown): readonly ErrorDetail[] {
  if (error instanceof ValidationError && error.details) return error.details;
  throw error;
}

function isObject(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
