import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { scopeOf } from './request-scope.js';

/** A body that was on its way when its request was refused is there within this time, and the connection can be kept. */
const REST_WITHIN_MS = 500;
/** Most clients look at the answer only when they have sent all. What is refused may be any form, of any size. */
const DROPPED_WITHIN_MS = 10_000;
const DROPPED_BYTES = 64 * 1024 * 1024;

/** Those whose senders wait for our word before they send a body (`Expect: 100-continue`). */
const asking = new WeakSet<IncomingMessage>();

/** Lets nobody send a body before it is known that it will be read, and drops what nobody reads before the answer. */
export function installUnreadBodies(fastify: FastifyInstance): void {
  fastify.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asking.add(request);
    (fastify.server as Server).emit('request', request, response);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = request;
    if (asking.has(raw)) reply.header('connection', 'close');
    // After its time is up a body has been waited for long enough.
    else if (isOnItsWay(raw) && scopeOf(request)?.signal.aborted === false) {
      return drop(raw, () => done(null, payload));
    }
    done(null, payload);
  });
}

/** The body will be read: its sender may begin. */
export function askForBody(request: IncomingMessage, response: ServerResponse): void {
  if (asking.delete(request)) response.writeContinue();
}

/** For a request that is answered while its body still comes: nobody reads it, and it holds its connection no longer. */
export function endUnread(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || socket.destroyed) return;
  setTimeout(() => request.complete || socket.destroy(), REST_WITHIN_MS).unref();
}

function isOnItsWay({ complete, headers }: IncomingMessage): boolean {
  return !complete && (Number(headers['content-length']) > 0 || headers['transfer-encoding'] !== undefined);
}

/** Until it is there, or stops coming, or has come for long enough. */
function drop(request: IncomingMessage, then: () => void): void {
  let bytes = 0;
  const end = () => {
    clearTimeout(silence);
    clearTimeout(limit);
    request.off('data', take).off('end', end).off('close', end);
    // Without a reader the rest is dropped by Node.
    request.resume();
    then();
  };
  const silence = setTimeout(end, REST_WITHIN_MS);
  const limit = setTimeout(end, DROPPED_WITHIN_MS);
  const take = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > DROPPED_BYTES) end();
    else silence.refresh();
  };
  request.unpipe();
  request.on('data', take).once('end', end).once('close', end).resume();
}
