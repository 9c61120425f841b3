import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsNumber, Max, Min } from 'class-validator';

/** A whole number from `min` to `max`, checked and described. Every number of a request has both. */
export const IsWhole = (min: number, max: number): PropertyDecorator =>
  applyDecorators(IsInt(), Min(min), Max(max), ApiProperty({ type: 'integer', minimum: min, maximum: max }));

/** A number from `min` to `max`, checked and described. */
export const IsWithin = (min: number, max: number): PropertyDecorator =>
  applyDecorators(IsNumber(), Min(min), Max(max), ApiProperty({ type: 'number', minimum: min, maximum: max }));
