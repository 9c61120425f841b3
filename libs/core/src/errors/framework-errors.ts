import { HttpException } from '@nestjs/common';
import { AppError, type ErrorCategory, ValidationError } from '@guildhall/sdk';
import { Errors } from './errors.js';

/** Faults of Fastify and its plugins, by code. */
const BY_FASTIFY_CODE: ReadonlyMap<string, () => AppError> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', () => Errors.payloadTooLarge('The body is larger than this route takes')],
  ['FST_REQ_FILE_TOO_LARGE', () => Errors.payloadTooLarge('The file is larger than this route takes')],
  ['FST_PARTS_LIMIT', () => Errors.payloadTooLarge('The form has too many parts')],
  ['FST_FILES_LIMIT', () => Errors.payloadTooLarge('The form has too many files')],
  ['FST_FIELDS_LIMIT', () => Errors.payloadTooLarge('The form has too many fields')],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', () => Errors.unsupportedMediaType('Send "Content-Type: application/json"')],
  ['FST_INVALID_MULTIPART_CONTENT_TYPE', () => Errors.unsupportedMediaType('Send "Content-Type: multipart/form-data"')],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', () => Errors.malformedJson('The body is empty; send JSON')],
  ['FST_ERR_CTP_INVALID_JSON_BODY', () => Errors.malformedJson('The body is not valid JSON')],
  [
    'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
    () => Errors.badRequest('The body does not have the length that Content-Length says'),
  ],
  ['FST_MP_PREMATURE_CLOSE', () => Errors.badRequest('The form ends before its last boundary')],
  ['FST_PROTO_VIOLATION', () => Errors.badRequest('The form has a field with a forbidden name')],
  [
    'FST_ERR_BAD_URL',
    () =>
      Errors.badRequest('The URL is not well formed', [
        { path: 'url', code: 'invalid_url', message: 'Encode it as UTF-8 with valid %XX escapes' },
      ]),
  ],
  [
    'FST_ERR_MAX_PARAM_LENGTH',
    () =>
      Errors.badRequest('A part of the path is too long', [
        { path: 'url', code: 'too_long', message: 'Ids are shorter than this' },
      ]),
  ],
]);

/** What @fastify/busboy says of forms that it cannot read: it has words only, and no codes. */
const MALFORMED_FORM =
  /^(?:Multipart: |Boundary required|Unexpected end of multipart data|\w+ terminated early|The needle |Unsupported Content-Type|Missing Content-Type)/;

const malformedForm = (): AppError =>
  Errors.badRequest('The form is not understood', [
    {
      path: '',
      code: 'malformed_form',
      message: 'Send multipart/form-data with the boundary that Content-Type names, up to its last one',
    },
  ]);

const BY_STATUS: ReadonlyMap<number, readonly [ErrorCategory, string]> = new Map([
  [400, ['validation', 'validation_failed']],
  [401, ['authentication', 'unauthenticated']],
  [403, ['authorization', 'forbidden']],
  [404, ['not_found', 'not_found']],
  [405, ['validation', 'method_not_allowed']],
  [406, ['validation', 'unsupported_media_type']],
  [409, ['conflict', 'conflict']],
  [412, ['conflict', 'precondition_failed']],
  [413, ['validation', 'payload_too_large']],
  [415, ['validation', 'unsupported_media_type']],
  [422, ['validation', 'validation_failed']],
  [429, ['rate_limit', 'rate_limited']],
  [502, ['upstream', 'upstream_failed']],
  [503, ['unavailable', 'unavailable']],
  [504, ['timeout', 'request_timeout']],
]);

/** An error of Nest, Fastify or one of their plugins as ours; undefined for anything else. */
export function fromFramework(error: unknown): AppError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const known = byCode(error) ?? byCode((error as { cause?: unknown }).cause);
  if (known) return known;
  if (error instanceof Error && MALFORMED_FORM.test(error.message) && isOfBusboy(error)) return malformedForm();
  const status = statusOfFramework(error);
  const [category, code] = (status === undefined ? undefined : BY_STATUS.get(status)) ?? [];
  if (!category || !code) return undefined;
  // 5xx texts of frameworks may quote what failed; 4xx ones speak of the request.
  const message = status! < 500 ? messageOf(error) : 'The request cannot be served now';
  return category === 'validation'
    ? new ValidationError(message, [], code)
    : new AppError(category, code, message, { cause: error, retryable: status! >= 500 || status === 429 });
}

function isOfBusboy({ stack = '' }: Error): boolean {
  return /[/\\]@fastify[/\\](?:busboy|multipart)[/\\]/.test(stack);
}

function byCode(error: unknown): AppError | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? BY_FASTIFY_CODE.get(code)?.() : undefined;
}

function statusOfFramework(error: object): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' ? statusCode : undefined;
}

function messageOf(error: object): string {
  const { message } = error as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : 'The request cannot be served';
}
