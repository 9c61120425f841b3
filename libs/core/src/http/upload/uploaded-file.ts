import type { NamelessFile } from './nameless-file.js';

const PIECE_BYTES = 1024 * 1024;

/** A file of a form: on disk, until its request ends. */
export class UploadedFile {
  constructor(
    private readonly file: NamelessFile,
    /** In hex. */
    readonly sha256: string,
    /** Takes room in memory until the request ends. Throws where there is none. */
    private readonly takeMemory: (bytes: number) => void,
  ) {}

  get size(): number {
    return this.file.size;
  }

  /** Its first bytes. */
  head(length: number): Promise<Buffer> {
    return this.file.read(0, length);
  }

  /** All of it, a MiB at a time; of an empty file one that is empty. */
  async *pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at === 0 || at < this.size; at += PIECE_BYTES) yield await this.file.read(at, PIECE_BYTES);
  }

  /** All of it at once, for what takes nothing else. Throws `concurrency_limited` where too many are in memory. */
  bytes(): Promise<Buffer> {
    this.takeMemory(this.size);
    return this.file.read(0, this.size);
  }
}
