/** Pieces of a text of which none ends in half a character: some vendors cut emoji in two. */
export class WholeCharacters {
  private half = '';

  /** What of it can be said now. */
  take(piece: string): string {
    const text = this.half + piece;
    const isCut = isHighSurrogate(text.charCodeAt(text.length - 1));
    this.half = isCut ? text.slice(-1) : '';
    return isCut ? text.slice(0, -1) : text;
  }

  /** What never became whole. */
  rest(): string {
    return this.half;
  }
}

/** The first half of a character beyond the basic plane. */
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
