import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { ValidationError } from '@guildhall/sdk';
import { validationFailed } from '../errors/validation-faults.js';
import { rememberRules } from './validation-rules.js';

/** Checks bodies and queries against their DTO classes: unknown fields are faults, and all faults are told at once. */
export function createValidationPipe(): ValidationPipe {
  rememberRules();
  return new InputPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: validationFailed,
  });
}

/** Nest's own takes null for an empty object, and finds a list's missing fields before it finds that it is a list. */
class InputPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const wantsObject = metadata.type === 'body' && this.toValidate(metadata);
    if (wantsObject && value !== undefined && !isObject(value)) throw notAnObject(metadata.metatype!);
    return super.transform(value, metadata);
  }
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
