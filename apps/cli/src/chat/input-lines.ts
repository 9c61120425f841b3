import { type Interface, createInterface } from 'node:readline';

/** Lines that a person types, or that are piped in; Ctrl-C is told to `onInterrupt`, and closes nothing by itself. */
export class InputLines {
  readonly isTerminal: boolean;
  private readonly lines: Interface;
  private readonly iterator: AsyncIterator<string>;
  private pending?: Promise<IteratorResult<string>>;

  constructor(
    input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
    output: NodeJS.WritableStream,
    private readonly onInterrupt: () => void,
  ) {
    this.isTerminal = input.isTTY === true;
    this.lines = createInterface({ input, terminal: this.isTerminal, ...(this.isTerminal ? { output } : {}) });
    this.iterator = this.lines[Symbol.asyncIterator]();
    // A terminal that readline reads sends no signal; without one there is only the signal.
    this.lines.on('SIGINT', onInterrupt);
    process.on('SIGINT', onInterrupt);
  }

  /** The next line; undefined when there is none any more, or `signal` ends the waiting. */
  async next(prompt: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.isTerminal && !signal.aborted) {
      this.lines.setPrompt(prompt);
      this.lines.prompt();
    }
    // What is typed after the waiting was given up is the next answer.
    this.pending ??= this.iterator.next();
    const line = await Promise.race([this.pending, given(signal)]);
    if (line === undefined) return undefined;
    this.pending = undefined;
    return line.done ? undefined : line.value;
  }

  close(): void {
    process.off('SIGINT', this.onInterrupt);
    this.lines.close();
  }
}

const given = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
