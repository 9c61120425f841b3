/** Shorter ones are no secrets, but words such as `none` that servers without keys are given. */
const MIN_LENGTH = 12;
const NOTHING = Buffer.alloc(0);

/**
 * Looks for the API key in what a vendor sends back: a vendor that repeats it must not be able to put it into an answer,
 * a log or a model's name. Finds it also where the network cuts it in two.
 */
export class KeyEcho {
  private readonly spellings: readonly Buffer[];
  private readonly overlap: number;
  private tail: Buffer = NOTHING;

  constructor(apiKey = '') {
    const escaped = JSON.stringify(apiKey).slice(1, -1);
    const spellings = apiKey.length < MIN_LENGTH ? [] : [...new Set([apiKey, escaped])];
    this.spellings = spellings.map((spelling) => Buffer.from(spelling));
    this.overlap = Math.max(0, ...this.spellings.map(({ length }) => length - 1));
  }

  /** Takes the next bytes, and says whether the key stands in what came so far and ends in them. */
  isIn(bytes: Uint8Array): boolean {
    if (this.spellings.length === 0) return false;
    const here = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const seam = Buffer.concat([this.tail, here.subarray(0, this.overlap)]);
    const found = this.spellings.some((spelling) => here.includes(spelling) || seam.includes(spelling));
    const end = here.length >= this.overlap ? here : Buffer.concat([this.tail, here]);
    this.tail = end.subarray(Math.max(0, end.length - this.overlap));
    return found;
  }
}
