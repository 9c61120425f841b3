/** A term of the analysed query. */
export interface QueryTerm {
  readonly term: string;
  /** How often the query says it, times its likeness where it was repaired. */
  readonly weight: number;
  /** Chunks with the term; where the collection is small enough not to care, only that there are some. */
  readonly df: number;
}

/** One reading of a query word by one language's analysis, as the database answers it. */
export interface WordReading {
  readonly word: string;
  readonly term: string;
  /** Chunks of the collection that have the term, counted up to a limit. */
  readonly df: number;
}

/** How often the query says each word; the longest queries are cut, words said first stay. */
export function countWords(words: readonly string[], limit = 512): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) {
    if (counts.size >= limit && !counts.has(word)) continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

export interface PreparedTerms {
  readonly terms: readonly QueryTerm[];
  /** Terms of words of which the collection knows no reading: misspelt, perhaps. */
  readonly unknown: readonly QueryTerm[];
}

/**
 * What to score: every known reading of every word. Two words with one stem add up. A word that some language drops as
 * a stop word is judged by its other readings.
 */
export function prepareTerms(counts: ReadonlyMap<string, number>, readings: readonly WordReading[]): PreparedTerms {
  const knownWords = new Set(readings.filter(({ df }) => df > 0).map(({ word }) => word));
  const terms: Weights = new Map();
  const unknown: Weights = new Map();
  for (const { word, term, df } of dedupe(readings)) {
    const weight = counts.get(word) ?? 1;
    if (df > 0) add(terms, term, weight, df);
    else if (!knownWords.has(word)) add(unknown, term, weight, 0);
  }
  return { terms: [...terms.values()], unknown: [...unknown.values()] };
}

/** Adds the repaired terms to the known ones: a repair counts as much as it resembles what was written. */
export function withRepairs(
  { terms, unknown }: PreparedTerms,
  repairs: ReadonlyMap<string, { readonly term: string; readonly similarity: number }>,
): readonly QueryTerm[] {
  const all: Weights = new Map(terms.map((known) => [known.term, known]));
  for (const { term, weight } of unknown) {
    const repair = repairs.get(term);
    // How common a repaired term is was not counted: it is taken as rare.
    if (repair) add(all, repair.term, weight * repair.similarity, 0);
  }
  return [...all.values()];
}

/** Two languages may read a word alike; that is one reading. */
function dedupe(readings: readonly WordReading[]): WordReading[] {
  return [...new Map(readings.map((reading) => [`${reading.word} ${reading.term}`, reading])).values()];
}

type Weights = Map<string, QueryTerm>;

function add(weights: Weights, term: string, weight: number, df: number): void {
  const known = weights.get(term);
  weights.set(term, { term, weight: (known?.weight ?? 0) + weight, df: known?.df ?? df });
}
