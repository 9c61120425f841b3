import { type Type, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { PaginationDto, SuccessMetaDto } from './envelope.dto.js';

export interface ApiDataOptions {
  /** Default 200. */
  readonly status?: number;
  readonly description?: string;
  /** `data` is an array of the type; `page` adds `meta.pagination`. */
  readonly list?: 'array' | 'page';
  /** What each event holds, where `Accept: text/event-stream` gets a stream instead. */
  readonly events?: Type;
  /** It carries an `ETag`, and is not sent again to who names that in `If-None-Match`. */
  readonly tagged?: boolean;
}

const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: 'An ETag read before; if still that: 304',
};
const ETAG = { description: 'The revision, for If-Match and If-None-Match', schema: { type: 'string' } } as const;

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
  const { status = 200, description = 'Done', events, tagged } = options;
  const content = { 'application/json': { schema }, ...(events ? { 'text/event-stream': eventsOf(events) } : {}) };
  return applyDecorators(
    ApiExtraModels(SuccessMetaDto, PaginationDto, ...[type, events].filter((model) => model !== undefined)),
    ApiResponse({ status, description, content: content as never, ...(tagged ? { headers: { ETag: ETAG } } : {}) }),
    ...(tagged ? [ApiHeader(IF_NONE_MATCH), ApiResponse({ status: 304, description: 'You have it already' })] : []),
  );
}

/** A stream is no JSON document: the schema can but say what its frames hold. */
function eventsOf(type: Type) {
  const description = `Server-sent events; the \`data\` of each is a ${type.name} (#/components/schemas/${type.name}) as JSON.`;
  return { schema: { type: 'string', description } };
}
