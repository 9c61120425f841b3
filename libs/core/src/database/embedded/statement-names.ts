import { message } from './wire.js';

const PARSE = 0x50;
const BIND = 0x42;
const DESCRIBE = 0x44;
const CLOSE = 0x43;
const STATEMENT = 0x53;

/**
 * Gives the named prepared statements of one connection names of their own: underneath, all connections share one
 * session, where two clients that both prepare `find_run` would collide.
 */
export class StatementNames {
  private readonly prepared = new Set<string>();

  constructor(private readonly prefix: string) {}

  /** The frame with its statement renamed; unnamed ones and other messages come back untouched. */
  rename(frame: Buffer): Buffer {
    switch (frame[0]) {
      case PARSE:
        return this.renameAt(frame, 5, true);
      case BIND:
        return this.renameAt(frame, frame.indexOf(0, 5) + 1, false);
      case DESCRIBE:
      case CLOSE:
        return frame[5] === STATEMENT ? this.renameAt(frame, 6, false) : frame;
      default:
        return frame;
    }
  }

  /** Messages that drop every statement the connection prepared. */
  closeAll(): Buffer[] {
    const frames = [...this.prepared].map((name) => message('C', Buffer.from(`S${name}\0`)));
    this.prepared.clear();
    return frames;
  }

  private renameAt(frame: Buffer, at: number, prepares: boolean): Buffer {
    const end = frame.indexOf(0, at);
    if (end <= at) return frame;
    const name = `${this.prefix}${frame.toString('utf8', at, end)}`;
    if (prepares) this.prepared.add(name);
    return message(
      String.fromCharCode(frame[0]!),
      Buffer.concat([frame.subarray(5, at), Buffer.from(name), frame.subarray(end)]),
    );
  }
}
