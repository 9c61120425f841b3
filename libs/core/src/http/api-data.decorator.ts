import { type Type, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { PaginationDto, SuccessMetaDto } from './envelope.dto.js';

export interface ApiDataOptions {
  /** Default 200. */
  readonly status?: number;
  readonly description?: string;
  /** `data` is an array of the type; `page` adds `meta.pagination`. */
  readonly list?: 'array' | 'page';
}

/** Documents a route's success body: `type` inside the envelope. */
export function ApiData(type: Type | undefined, options: ApiDataOptions = {}) {
  const item = type ? { $ref: getSchemaPath(type) } : {};
  const data = options.list ? { type: 'array', items: item } : item;
  const meta =
    options.list === 'page'
      ? {
          allOf: [
            { $ref: getSchemaPath(SuccessMetaDto) },
            {
              type: 'object',
              required: ['pagination'],
              properties: { pagination: { $ref: getSchemaPath(PaginationDto) } },
            },
          ],
        }
      : { $ref: getSchemaPath(SuccessMetaDto) };
  const schema = {
    type: 'object',
    required: ['success', 'data', 'meta'],
    properties: { success: { type: 'boolean', enum: [true] }, data, meta },
  };
  return applyDecorators(
    ApiExtraModels(SuccessMetaDto, PaginationDto, ...(type ? [type] : [])),
    ApiResponse({ status: options.status ?? 200, description: options.description ?? 'Done', schema: schema as never }),
  );
}
