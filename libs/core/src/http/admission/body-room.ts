import type { FastifyRequest } from 'fastify';
import { LARGE_BODY_BYTES, takesLargeBody } from '../large-bodies.js';
import { MAX_BODY_BYTES, MAX_UPLOAD_BYTES } from '../upload/upload-route.js';
import { Shares } from './shares.js';

/** What bodies may have together while they arrive. Whoever sends them decides how long that takes. */
const ARRIVING_BYTES = 64 * MAX_BODY_BYTES;
/** What large bodies may have together, from their first byte to their answer: each is in memory several times over. */
const LARGE_BYTES = 5 * LARGE_BODY_BYTES;
/** What files of forms may have together, while somebody needs one whole. Otherwise they are on disk. */
const LOADED_BYTES = 64 * MAX_BODY_BYTES;

/** The room that one body may need. */
export interface BodyNeed {
  readonly room: Shares;
  readonly bytes: number;
  /** Whether it is needed until the answer, not only until the body is there. */
  readonly toTheEnd: boolean;
}

/** The room for bodies, shared by the tenants that send them: memory, and disk for forms with files. */
export class BodyRoom {
  readonly loaded = new Shares(LOADED_BYTES);
  private readonly arriving = new Shares(ARRIVING_BYTES);
  private readonly large = new Shares(LARGE_BYTES);
  private readonly uploads: Shares;

  constructor(uploadBytes: number) {
    this.uploads = new Shares(uploadBytes);
  }

  /** Undefined for no body, and for one that will be refused for its size. */
  needOf({ headers, routeOptions }: FastifyRequest): BodyNeed | undefined {
    const isOpenEnded = headers['transfer-encoding'] !== undefined;
    if (!isOpenEnded && headers['content-length'] === undefined) return undefined;
    const isForm = headers['content-type']?.toLowerCase().trimStart().startsWith('multipart/') === true;
    const most = isForm ? MAX_UPLOAD_BYTES : takesLargeBody(routeOptions.config) ? LARGE_BODY_BYTES : MAX_BODY_BYTES;
    const bytes = isOpenEnded ? most : Number(headers['content-length']);
    if (bytes === 0 || bytes > most) return undefined;
    if (isForm) return { room: this.uploads, bytes, toTheEnd: true };
    const toTheEnd = bytes > MAX_BODY_BYTES;
    return { room: toTheEnd ? this.large : this.arriving, bytes, toTheEnd };
  }
}
