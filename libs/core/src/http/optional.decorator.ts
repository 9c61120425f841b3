import { applyDecorators } from '@nestjs/common';
import { ValidateBy, ValidateIf } from 'class-validator';

/**
 * May be left out; null is a fault that says so. class-validator's own `IsOptional` lets null pass every check of the
 * field, into code whose types rule it out.
 */
export const Optional = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    ValidateBy(
      { name: 'isNotNull', validator: { validate: (value) => value !== null } },
      { message: '$property must not be null: leave it out' },
    ),
  );

/** May be left out or null, which are not the same here: the field's own words say what null does. */
export const Nullable = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined && value !== null);
