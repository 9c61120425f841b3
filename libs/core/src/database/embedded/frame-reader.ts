/** Cuts a client's bytes into protocol messages, whatever the chunks they arrive in. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private started = false;

  /** The complete messages so far. Until `startupDone` they have no type byte. */
  push(chunk: Buffer): Buffer[] {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Buffer[] = [];
    for (let length = this.frameLength(bytes); length <= bytes.length; length = this.frameLength(bytes)) {
      frames.push(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
    this.rest = bytes;
    return frames;
  }

  startupDone(): void {
    this.started = true;
  }

  private frameLength(bytes: Buffer): number {
    const header = this.started ? 1 : 0;
    if (bytes.length < header + 4) return Infinity;
    // A length below its own four bytes would loop for ever.
    return header + Math.max(bytes.readInt32BE(header), 4);
  }
}
