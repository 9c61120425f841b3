import { type Type as Class, applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsObject, ValidateNested } from 'class-validator';

/** An object with fields of its own. `ValidateNested` alone takes a list of such objects, and an empty one, as well. */
export const Nested = (type: () => Class): PropertyDecorator =>
  applyDecorators(IsObject(), ValidateNested(), Type(type));

/** A list of objects. `ValidateNested` alone takes lists of lists as well. */
export const NestedList = (type: () => Class): PropertyDecorator =>
  applyDecorators(IsArray(), IsObject({ each: true }), ValidateNested({ each: true }), Type(type));
