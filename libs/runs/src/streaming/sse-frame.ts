import type { RunEvent } from '../run-event.js';

/** How long a client should wait before it connects again, in ms. */
export const RETRY = 'retry: 2000\n\n';
export const HEARTBEAT = ': still here\n\n';
/** The process ends; another will go on where the client's last id was. */
export const GOODBYE = ': the server is restarting, connect again\nretry: 1000\n\n';

/** One event of a stream. JSON has no line breaks of its own, so no payload can end the frame or begin another. */
export function toFrame(event: RunEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
