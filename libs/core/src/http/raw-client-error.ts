import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Errors } from '../errors/errors.js';
import { failureBody, failureOf } from '../errors/failure-body.js';
import { newId } from '../ids.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Faults of the connection that Node meets before there is a request: the same body, written by hand. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
  const failure = failureOf(appErrorOf(error));
  const id = newId('req');
  const body = JSON.stringify(failureBody(failure, { id, path: '' }));
  const head = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'cache-control: no-store',
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ];
  // Not for as long as the client leaves its side open.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroySoon());
}

function appErrorOf({ code }: NodeJS.ErrnoException) {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return Errors.gatewayTimeout('The request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW') {
    return Errors.badRequest('The URL and the headers are too large: send at most 16 KiB', [], 'headers_too_large');
  }
  return Errors.badRequest('The request is not valid HTTP');
}
