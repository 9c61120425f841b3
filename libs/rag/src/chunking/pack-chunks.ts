import type { Block } from './block.js';
import { type Unit, unitsOf } from './units.js';

export interface ChunkSize {
  /** A chunk ends with the unit that would take it beyond this many tokens. */
  readonly target: number;
  /** No chunk has more. */
  readonly max: number;
}

const DEFAULT_CHUNK_SIZE: ChunkSize = { target: 350, max: 512 };

/** A chunk's place: its text is `text.slice(charStart, charEnd)`. */
export interface ChunkSpan {
  readonly charStart: number;
  readonly charEnd: number;
  readonly headingPath: readonly string[];
  readonly tokens: number;
  /** The header of the table that the chunk goes on with: it stands before `charStart`. */
  readonly repeated?: { readonly start: number; readonly end: number };
}

/** An overlap sentence longer than this share of a chunk says too much twice. */
const MAX_OVERLAP_SHARE = 0.25;

/**
 * Packs a document's blocks into chunks: a heading begins a new one, tables and code stay whole where they fit, and a
 * chunk begins with the last sentence of the one before it in the same section, or goes with the header of the table
 * that it continues. Every character that is not white space lies in some chunk.
 */
export function* packChunks(
  text: string,
  blocks: Iterable<Block>,
  size: ChunkSize = DEFAULT_CHUNK_SIZE,
): Generator<ChunkSpan> {
  const path: { level: number; title: string }[] = [];
  let open = new OpenChunk(size);
  for (const block of blocks) {
    if (block.kind === 'heading') {
      if (open.hasBody) {
        yield open.toSpan();
        open = new OpenChunk(size);
      }
      while (path.length > 0 && path.at(-1)!.level >= block.level!) path.pop();
      if (block.title) path.push({ level: block.level!, title: block.title });
      open.headingPath = path.map(({ title }) => title);
    }
    for (const unit of unitsOf(text, block, size.max)) {
      if (!open.accepts(unit)) {
        yield open.toSpan();
        open = open.next(unit);
      }
      open.add(unit);
    }
  }
  if (!open.isEmpty) yield open.toSpan();
}

class OpenChunk {
  headingPath: readonly string[] = [];
  hasBody = false;
  private readonly units: Unit[] = [];
  private tokens = 0;
  /** Units beyond the overlap: a chunk never consists of repeated text alone. */
  private fresh = 0;

  constructor(
    private readonly size: ChunkSize,
    private readonly repeated?: Unit,
  ) {}

  get isEmpty(): boolean {
    return this.units.length === 0;
  }

  accepts(unit: Unit): boolean {
    if (this.fresh === 0) return true;
    const tokens = this.tokens + unit.tokens + (this.repeated?.tokens ?? 0);
    // A heading alone is no chunk: its first sentence comes along while that is allowed at all.
    return tokens <= (this.hasBody ? this.size.target : this.size.max);
  }

  add(unit: Unit): void {
    this.units.push(unit);
    this.tokens += unit.tokens;
    this.fresh++;
    this.hasBody ||= unit.kind !== 'heading';
  }

  /** The chunk that follows in the same section: it repeats one sentence if `first` still fits behind it. */
  next(first: Unit): OpenChunk {
    const next = new OpenChunk(this.size, first.header);
    next.headingPath = this.headingPath;
    const last = this.units.at(-1)!;
    const repeats =
      last.kind === 'paragraph' &&
      this.units.length > 1 &&
      last.tokens <= this.size.target * MAX_OVERLAP_SHARE &&
      last.tokens + first.tokens <= this.size.max;
    if (repeats) {
      next.units.push(last);
      next.tokens = last.tokens;
      next.hasBody = true;
    }
    return next;
  }

  toSpan(): ChunkSpan {
    return {
      charStart: this.units[0]!.start,
      charEnd: this.units.at(-1)!.end,
      headingPath: this.headingPath,
      tokens: this.tokens,
      ...(this.repeated ? { repeated: { start: this.repeated.start, end: this.repeated.end } } : {}),
    };
  }
}
