import { ValidateIf } from 'class-validator';

/** May be left out. Unlike class-validator's `IsOptional`, null is not the same as absent: it fails the other checks. */
export const Optional = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
