import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import type { Stage } from './stage.js';

/** A wire between client and server that can lose answers, delay them, or be cut. */
export class TcpProxy {
  /** While set, the first byte of an answer cuts the connection: the server has acted, the client does not know. */
  dropAnswers = false;
  delayMs = 0;
  /** How many answers were lost. */
  dropped = 0;
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (client) => this.join(client));
  }

  static async start(stage: Stage, targetUrl: string): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, Number(new URL(targetUrl).port));
    stage.after(() => {
      proxy.cut();
      server.close();
    });
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Every connection there is now. */
  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  private join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    for (const socket of [client, server]) {
      this.open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.open.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes) => void server.write(bytes));
    server.on('data', (bytes) => this.answer(client, bytes));
  }

  private answer(client: Socket, bytes: Buffer): void {
    if (this.dropAnswers) {
      this.dropped++;
      return void client.destroy();
    }
    if (this.delayMs === 0) return void client.write(bytes);
    setTimeout(() => client.writable && client.write(bytes), this.delayMs);
  }
}
