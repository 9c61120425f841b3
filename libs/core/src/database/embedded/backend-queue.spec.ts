import { PassThrough } from 'node:stream';
import { type Backend, BackendQueue } from './backend-queue.js';
import { type TransactionStatus, message, readyForQuery, simpleQuery } from './wire.js';

/** Answers `BEGIN` with an open transaction and `COMMIT`, `ROLLBACK` with a closed one; remembers what it ran. */
class FakeBackend implements Backend {
  readonly ran: string[] = [];
  private status: TransactionStatus = 'I';
  broken = false;

  async execProtocolRaw(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.broken) throw new Error('unreachable executed');
    const sql = Buffer.from(bytes).toString('latin1', 5, bytes.length - 1);
    this.ran.push(sql);
    if (sql.startsWith('BEGIN')) this.status = 'T';
    if (/^(COMMIT|ROLLBACK)/.test(sql)) this.status = 'I';
    const notified = sql.startsWith('NOTIFY') ? [message('A', Buffer.from('told'))] : [];
    return Buffer.concat([...notified, readyForQuery(this.status)]);
  }
}

const limits = { waitLimitMs: 40, idleInTransactionMs: 10_000 };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

function setUp(options = limits) {
  const backend = new FakeBackend();
  const queue = new BackendQueue(backend, options);
  const connect = () => {
    const socket = new PassThrough();
    socket.on('close', () => queue.leave(socket, undefined));
    socket.resume();
    queue.join(socket);
    const received: string[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk.toString('latin1')));
    return { socket, received, run: (sql: string) => queue.submit(socket, simpleQuery(sql)) };
  };
  return { backend, queue, connect };
}

describe('the queue before the one backend', () => {
  it('runs batches in the order they came', async () => {
    const { backend, connect } = setUp();
    const [a, b] = [connect(), connect()];
    a.run('1');
    b.run('2');
    a.run('3');
    await settled();
    expect(backend.ran).toEqual(['1', '2', '3']);
  });

  it('never leaves a batch behind that comes just as the queue has run empty', async () => {
    const { backend, connect } = setUp();
    const a = connect();
    for (let ticks = 0; ticks < 12; ticks++) {
      a.run(`first ${ticks}`);
      for (let i = 0; i < ticks; i++) await undefined;
      a.run(`second ${ticks}`);
      await settled();
      expect(backend.ran).toHaveLength(2 * ticks + 2);
    }
  });

  it('keeps the backend for a connection until its transaction ends', async () => {
    const { backend, connect } = setUp();
    const [a, b] = [connect(), connect()];
    a.run('BEGIN');
    b.run('b');
    await settled();
    a.run('a');
    a.run('COMMIT');
    await settled();
    expect(backend.ran).toEqual(['BEGIN', 'a', 'COMMIT', 'b']);
  });

  it('refuses whoever waits too long, and serves it again after', async () => {
    const { backend, connect } = setUp();
    const [a, b] = [connect(), connect()];
    a.run('BEGIN');
    b.run('never');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(b.received.join('')).toContain('C55P03');
    a.run('COMMIT');
    b.run('again');
    await settled();
    expect(backend.ran).toEqual(['BEGIN', 'COMMIT', 'again']);
  });

  it('rolls back what a lost connection left open, and goes on with the others', async () => {
    const { backend, connect } = setUp();
    const [a, b] = [connect(), connect()];
    a.run('BEGIN');
    b.run('b');
    await settled();
    a.socket.destroy();
    await settled();
    expect(backend.ran).toEqual(['BEGIN', 'ROLLBACK', 'b']);
  });

  it('rolls back a transaction that opened while its connection was being lost', async () => {
    const { backend, connect } = setUp();
    const a = connect();
    a.run('BEGIN');
    a.socket.destroy();
    await settled();
    expect(backend.ran).toEqual(['BEGIN', 'ROLLBACK']);
  });

  it('ends a transaction that does nothing while others wait', async () => {
    const { backend, connect } = setUp({ waitLimitMs: 30, idleInTransactionMs: 20 });
    const [a, b] = [connect(), connect()];
    a.run('BEGIN');
    b.run('b');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(a.received.join('')).toContain('C25P03');
    expect(backend.ran).toContain('ROLLBACK');
    b.run('served');
    await settled();
    expect(backend.ran.at(-1)).toBe('served');
  });

  it('tells every connection of a notification, whoever caused it', async () => {
    const { connect } = setUp();
    const [a, b] = [connect(), connect()];
    a.run('NOTIFY x');
    await settled();
    expect(a.received.join('')).toContain('told');
    expect(b.received.join('')).toContain('told');
  });

  it('ends all connections when the backend has broken', async () => {
    const { backend, connect } = setUp();
    const [a, b] = [connect(), connect()];
    backend.broken = true;
    a.run('1');
    await settled();
    for (const { received } of [a, b]) expect(received.join('')).toContain('has stopped: unreachable executed');
    const late = connect();
    late.run('2');
    await settled();
    expect(late.received.join('')).toContain('FATAL');
  });

  it('finishes what is queued before it closes', async () => {
    const { backend, queue, connect } = setUp();
    const a = connect();
    a.run('1');
    a.run('2');
    await queue.close();
    expect(backend.ran).toEqual(['1', '2']);
  });
});
