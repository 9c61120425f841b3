import type { IncomingMessage } from 'node:http';

/** A body that was on its way when its request was refused is there within this time, and the connection can be kept. */
const REST_WITHIN_MS = 500;

/** For a request that is answered while its body still comes: nobody reads it, and it holds its connection no longer. */
export function endUnread(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || socket.destroyed) return;
  setTimeout(() => request.complete || socket.destroy(), REST_WITHIN_MS).unref();
}
