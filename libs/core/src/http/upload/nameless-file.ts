import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A file on disk that has no name: its space is free again once it is closed, or its process ends, however it ends. */
export class NamelessFile {
  private written = 0;

  private constructor(private readonly handle: FileHandle) {}

  static async open(directory: string): Promise<NamelessFile> {
    const path = join(directory, `guildhall-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    const file = new NamelessFile(handle);
    try {
      await unlink(path);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get size(): number {
    return this.written;
  }

  async append(piece: Uint8Array): Promise<void> {
    for (let done = 0; done < piece.length;) {
      const { bytesWritten } = await this.handle.write(piece, done, piece.length - done, this.written);
      done += bytesWritten;
      this.written += bytesWritten;
    }
  }

  /** What stands at `from`: `length` bytes, fewer only at the end. */
  async read(from: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.written - from)));
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.handle.read(bytes, done, bytes.length - done, from + done);
      if (bytesRead === 0) throw new Error('A file on disk is shorter than what was written to it');
      done += bytesRead;
    }
    return bytes;
  }

  /** Waits for what is under way; any later use of it fails. */
  close(): Promise<void> {
    return this.handle.close();
  }
}
