interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Room for so many bytes at once; who finds none waits, the first to come goes first. */
export class ByteRoom {
  private readonly queue: Waiting[] = [];
  private left: number;

  constructor(private readonly total: number) {
    this.left = total;
  }

  /** More than there is in all is let in alone. */
  async with<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.total);
    await this.enter(taken, signal);
    try {
      return await work();
    } finally {
      this.left += taken;
      this.admit();
    }
  }

  private enter(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        reject(signal.reason as Error);
        this.admit();
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiting = { bytes, enter };
      signal.addEventListener('abort', leave, { once: true });
      this.queue.push(waiting);
      this.admit();
    });
  }

  private admit(): void {
    for (let next = this.queue[0]; next && next.bytes <= this.left; next = this.queue[0]) {
      this.queue.shift();
      this.left -= next.bytes;
      next.enter();
    }
  }
}
