import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Shares } from './shares.js';

/** Closes connections beyond the share of their address, or of all, before a byte of them is read. */
export function limitConnections(server: Server, connections: Shares): void {
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (!connections.tryTake(address)) return void socket.destroy();
    socket.once('close', () => connections.give(address));
  });
}
