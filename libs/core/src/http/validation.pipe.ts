import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { instanceToPlain } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import { ValidationError } from '@guildhall/sdk';
import { faultsFound, validationFailed } from '../errors/validation-faults.js';
import { instantiate } from './instantiate.js';
import { FORBIDDEN_KEYS } from './json-body.js';
import { rememberRules } from './validation-rules.js';

/** Checks bodies and queries against their DTO classes: unknown fields are faults, and all faults are told at once. */
export function createValidationPipe(): ValidationPipe {
  rememberRules();
  return new InputPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: validationFailed,
    // Else Nest takes it off errors with others below them, and it looks as if the field were missing.
    validationError: { value: true },
    transformerPackage: { plainToInstance: instantiate, classToPlain: instanceToPlain },
  });
}

/** Nest's own takes null for an empty object, and finds a list's missing fields before it finds that it is a list. */
class InputPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const wantsObject = metadata.type === 'body' && this.toValidate(metadata);
    if (wantsObject && value !== undefined && !isObject(value)) throw notAnObject(metadata.metatype!);
    if (metadata.type === 'query') refuseForbiddenNames(value);
    return super.transform(value, metadata);
  }

  // Two walks through all of a body, for what it cannot hold: `parseJsonBody` refuses names that reach a prototype, and
  // no list in JSON has gaps. The names of a query are looked at above.
  protected override stripProtoKeys(): void {}
  protected override closeArrayGaps(): void {}
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAnObject(type: NonNullable<ArgumentMetadata['metatype']>): ValidationError {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const fields = [...new Set(rules.map(({ propertyName }) => propertyName))].join(', ');
  const message = `Send a JSON object with fields of these: ${fields}`;
  return new ValidationError('The body is no JSON object', [{ path: '', code: 'not_an_object', message }]);
}

/** The pipe would pass over them in silence. A body with one has been refused where its JSON was read. */
function refuseForbiddenNames(query: unknown): void {
  const names = Object.keys((query ?? {}) as object).filter((name) => FORBIDDEN_KEYS.has(name));
  if (names.length === 0) return;
  throw faultsFound(
    names.map((path) => ({ path, code: 'unknown_field', message: `There is no field ${path}: remove it` })),
  );
}
