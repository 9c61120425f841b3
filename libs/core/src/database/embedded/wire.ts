/** The few messages of the Postgres wire protocol that the embedded database must read or make itself. */

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

export type TransactionStatus = 'I' | 'T' | 'E';

export type Startup = { kind: 'startup' } | { kind: 'encryption-request' } | { kind: 'unknown' };

export function readStartup(packet: Buffer): Startup {
  const code = packet.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption-request' };
  return { kind: code === PROTOCOL_3 ? 'startup' : 'unknown' };
}

/** A message with a type byte and a length. */
export function message(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.allocUnsafe(5 + body.length);
  frame.write(type, 0, 'latin1');
  frame.writeInt32BE(body.length + 4, 1);
  body.copy(frame, 5);
  return frame;
}

export const SYNC = message('S');
export const REFUSE_ENCRYPTION = Buffer.from('N');

export function simpleQuery(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`));
}

/** What a server says when it lets a client in. */
export function welcome(parameters: Readonly<Record<string, string>>): Buffer {
  const told = Object.entries(parameters).map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`)));
  return Buffer.concat([message('R', Buffer.alloc(4)), ...told, message('K', Buffer.alloc(8)), readyForQuery('I')]);
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return message('Z', Buffer.from(status));
}

export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  return message('E', Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${text}\0\0`));
}

export interface Answer {
  /** Everything for the client that asked, notifications taken out. */
  readonly forClient: Buffer;
  readonly notifications: readonly Buffer[];
  /** Of the last ReadyForQuery; undefined while the server waits for more of the same exchange. */
  readonly status: TransactionStatus | undefined;
}

const NOTIFICATION = 0x41;
const READY = 0x5a;

/** Takes a server's answer apart. Walks the frame headers only. */
export function readAnswer(bytes: Buffer): Answer {
  const notifications: Buffer[] = [];
  const rest: Buffer[] = [];
  let status: TransactionStatus | undefined;
  let kept = 0;
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (bytes[at] === READY) status = String.fromCharCode(bytes[at + 5]!) as TransactionStatus;
    if (bytes[at] === NOTIFICATION) {
      notifications.push(bytes.subarray(at, end));
      rest.push(bytes.subarray(kept, at));
      kept = end;
    }
    at = end;
  }
  const forClient = kept === 0 ? bytes : Buffer.concat([...rest, bytes.subarray(kept)]);
  return { forClient, notifications, status };
}
