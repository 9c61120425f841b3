import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { addAbortSignal } from 'node:stream';
import type { MultipartFile } from '@fastify/multipart';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../../config/settings.js';
import { Errors } from '../../errors/errors.js';
import type { RequestWithContext } from '../context.decorator.js';
import { scopeOf } from '../request-scope.js';
import { NamelessFile } from './nameless-file.js';
import { UploadedFile } from './uploaded-file.js';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const RETRY_AFTER_MS = 10_000;

/** Puts the files of forms on disk while they arrive: a slow sender holds next to no memory, a large file neither. */
@Injectable()
export class Uploads {
  private readonly directory: string;

  constructor({ UPLOAD_DIR }: Settings) {
    this.directory = UPLOAD_DIR ?? tmpdir();
  }

  /** The file once it is there whole. Throws `payload_too_large`, and `storage_full` where the disk has no room. */
  async receive(request: FastifyRequest, part: MultipartFile): Promise<UploadedFile> {
    const { guildhall: ctx } = request as FastifyRequest & RequestWithContext;
    const scope = scopeOf(request);
    try {
      const file = await NamelessFile.open(this.directory);
      scope?.atEnd(() => void file.close().catch((err: unknown) => ctx.logger.error({ err }, 'A file stays open')));
      const sha256 = await write(addAbortSignal(ctx.signal, part.file), file);
      return new UploadedFile(file, sha256, (bytes) => scope?.takeMemory(bytes, ctx));
    } catch (error) {
      if (!FULL.has(String((error as NodeJS.ErrnoException | undefined)?.code))) throw error;
      ctx.logger.error({ err: error, directory: this.directory }, 'The folder of uploads is full');
      throw Errors.unavailable('storage_full', 'The server has no room for files now; repeat it later', RETRY_AFTER_MS);
    }
  }
}

async function write(source: MultipartFile['file'], file: NamelessFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of source as AsyncIterable<Buffer>) {
    hash.update(piece);
    await file.append(piece);
  }
  if (source.truncated) throw Errors.payloadTooLarge('The file is larger than this route takes');
  return hash.digest('hex');
}
