/** A row of `collections`. */
export interface Collection {
  readonly id: string;
  /** Short surrogate that postings are keyed by. */
  readonly no: number;
  readonly tenantId: string;
  readonly name: string;
  readonly language: string;
  readonly k1: number;
  readonly b: number;
  readonly metadata: Record<string, unknown>;
  /** Languages that its documents were indexed in. */
  readonly languages: readonly string[];
  readonly documents: number;
  readonly chunks: number;
  /** Sum of the chunks' lengths in terms: BM25's average comes from it. */
  readonly sumDl: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewCollection = Pick<Collection, 'id' | 'name' | 'language' | 'k1' | 'b' | 'metadata'>;
