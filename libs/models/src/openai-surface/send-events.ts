import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { EventStream } from './event-stream.js';

export function sendEvents(reply: FastifyReply, { readable }: EventStream): Readable {
  // Proxies would else collect it.
  void reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no');
  return readable;
}
