import { ValidationPipe } from '@nestjs/common';
import { validationFailed } from '../errors/validation-faults.js';
import { rememberRules } from './validation-rules.js';

/** Checks bodies and queries against their DTO classes: unknown fields are faults, and all faults are told at once. */
export function createValidationPipe(): ValidationPipe {
  rememberRules();
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: validationFailed,
  });
}
