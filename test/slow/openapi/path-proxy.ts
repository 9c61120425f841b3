import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PathProxy {
  /** Where the server's root is: `http://127.0.0.1:<port>/<path>`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Shows a server under a path, as an ingress does: the path is taken off, nothing else is changed. */
export async function startPathProxy(target: string, path: string): Promise<PathProxy> {
  const pass = (incoming: IncomingMessage, answer: ServerResponse) => {
    if (!incoming.url!.startsWith(`${path}/`)) {
      answer.writeHead(404).end('not below the path');
      return;
    }
    const { method, headers } = incoming;
    const outgoing = request(target + incoming.url!.slice(path.length), { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on('error', (error) => answer.destroy(error));
    incoming.pipe(outgoing);
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, close };
}
