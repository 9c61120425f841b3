/** How long text is gathered, after the first piece went out at once: a few rows a second, not one a token. */
const WINDOW_MS = 50;

/** Joins the pieces of a streamed text, so that a reader waits at most 50 ms and the database stores few rows. */
export class DeltaCoalescer {
  private text = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly emit: (text: string) => void) {}

  push(piece: string): void {
    this.text += piece;
    if (this.text === '' || this.timer) return;
    this.release();
    this.timer = setTimeout(() => this.windowOver(), WINDOW_MS);
  }

  /** What is held back is void: another attempt took over. */
  discard(): void {
    this.text = '';
    this.stop();
  }

  /** Hands on what is left. */
  end(): void {
    this.stop();
    this.release();
  }

  private windowOver(): void {
    this.timer = undefined;
    if (this.text === '') return;
    this.release();
    this.timer = setTimeout(() => this.windowOver(), WINDOW_MS);
  }

  private release(): void {
    const { text } = this;
    this.text = '';
    if (text !== '') this.emit(text);
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
