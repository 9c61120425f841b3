import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  InternalServerErrorException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { AppError, NotFoundError, TimeoutError } from '@guildhall/sdk';
import { statusOf } from './category-status.js';
import { failureBody, failureOf, traceIdOf } from './failure-body.js';
import { toAppError } from './to-app-error.js';

const fastifyError = (code: string, statusCode: number) =>
  Object.assign(new Error(`secret ${code}`), { code, statusCode });

describe('toAppError', () => {
  it('leaves our own errors alone, those of another copy of the SDK too', () => {
    const error = new NotFoundError('agent', 'a');
    expect(toAppError(error)).toBe(error);
    const foreign = Object.assign(new Error('x'), {
      category: 'conflict',
      code: 'y',
      [Symbol.for('guildhall.app-error')]: true,
    });
    expect(toAppError(foreign)).toBe(foreign);
  });

  it.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'payload_too_large'],
    ['FST_REQ_FILE_TOO_LARGE', 413, 'payload_too_large'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'unsupported_media_type'],
    ['FST_ERR_CTP_INVALID_JSON_BODY', 400, 'malformed_json'],
    ['FST_ERR_CTP_EMPTY_JSON_BODY', 400, 'malformed_json'],
    ['FST_ERR_BAD_URL', 400, 'validation_failed'],
    ['FST_SOMETHING_NEW', 400, 'validation_failed'],
  ])('maps %s of Fastify, wrapped by Nest or not', (code, status, expected) => {
    const error = fastifyError(code, status);
    for (const thrown of [error, new HttpException(error.message, status, { cause: error })]) {
      const mapped = toAppError(thrown);
      expect([statusOf(mapped), mapped.code]).toEqual([status, expected]);
    }
  });

  it('maps exceptions of Nest by status, and hides the words of a 5xx', () => {
    expect(toAppError(new BadRequestException('numeric string is expected'))).toMatchObject({
      code: 'validation_failed',
      message: 'numeric string is expected',
    });
    expect(toAppError(new ForbiddenException())).toMatchObject({ code: 'forbidden' });
    expect(toAppError(new ServiceUnavailableException('db1.internal is down'))).toMatchObject({
      category: 'unavailable',
      retryable: true,
    });
    expect(toAppError(new ServiceUnavailableException('db1.internal is down')).message).not.toContain('db1');
    expect(toAppError(new InternalServerErrorException('x'))).toMatchObject({ code: 'internal_error' });
    expect(toAppError(new HttpException('teapot', 418))).toMatchObject({ code: 'internal_error' });
  });

  it('tells a client that left from a database that did', () => {
    const reset = (message: string) => Object.assign(new Error(message), { code: 'ECONNRESET' });
    expect(toAppError(reset('aborted'))).toMatchObject({ category: 'cancelled' });
    expect(toAppError(reset('read ECONNRESET'))).toMatchObject({ code: 'database_unavailable' });
  });

  it('maps an error of the database', () => {
    expect(toAppError({ driverError: { code: '23505', detail: 'Key (name)=(a) already exists.' } })).toMatchObject({
      code: 'duplicate_record',
    });
  });

  it('answers an abort with its reason', () => {
    const abort = new DOMException('This operation was aborted', 'AbortError');
    const reason = new TimeoutError('request_timeout', 'late');
    expect(toAppError(abort, reason)).toBe(reason);
    expect(toAppError(abort)).toMatchObject({ category: 'cancelled' });
  });

  it.each([['a string'], [42], [null], [undefined], [{ message: 'object' }], [new TypeError('x is undefined')]])(
    'takes %p as a fault of ours and keeps it as the cause',
    (thrown) => {
      const error = toAppError(thrown);
      expect(error).toMatchObject({ code: 'internal_error', category: 'internal' });
      expect(error.cause).toBe(thrown);
    },
  );
});

describe('failureOf', () => {
  it('tells nothing of a 500 but its code', () => {
    const error = new AppError('internal', 'secret_unreadable', 'SELECT * FROM x', {
      details: [{ path: 'a', code: 'b', message: 'c' }],
    });
    expect(failureOf(error)).toEqual({
      status: 500,
      code: 'secret_unreadable',
      category: 'internal',
      message: expect.not.stringContaining('SELECT'),
      retryable: false,
    });
  });

  it('has a trace id that follows from the request id when the caller sent none', () => {
    const failure = failureOf(new NotFoundError('agent', 'a'));
    const body = failureBody(failure, { id: 'req_1', path: '/' });
    expect(body.meta.traceId).toBe(traceIdOf({ id: 'req_1' }));
    expect(body.meta.traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});
