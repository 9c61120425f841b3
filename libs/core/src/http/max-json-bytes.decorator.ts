import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsObject, ValidateBy } from 'class-validator';

/** What a resource may carry along of its owner's: lists show it with every item. */
const MAX_METADATA_BYTES = 16 * 1024;

/** Any JSON up to this size. JSON Schema has no word for it, so the document says it beside the schema. */
export const MaxJsonBytes = (bytes: number): PropertyDecorator =>
  applyDecorators(
    ValidateBy(
      { name: 'maxJsonBytes', validator: { validate: (value: unknown) => jsonBytes(value) <= bytes } },
      { message: `$property must take no more than ${bytes} bytes as JSON` },
    ),
    ApiProperty({ 'x-max-bytes': bytes } as ApiPropertyOptions),
  );

/** The `metadata` of a resource: an object of the caller's own. */
export const IsMetadata = (): PropertyDecorator =>
  applyDecorators(IsObject(), MaxJsonBytes(MAX_METADATA_BYTES)) as PropertyDecorator;

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
