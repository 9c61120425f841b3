/** A term of the analysed query. */
export interface QueryTerm {
  readonly term: string;
  /** How often the query says it, times its likeness where it was repaired. */
  readonly weight: number;
}

/** One reading of a query word by one language's analysis, as the database answers it. */
export interface WordReading {
  readonly word: string;
  readonly term: string;
  /** Whether the collection has postings of the term. */
  readonly known: boolean;
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
  const knownWords = new Set(readings.filter(({ known }) => known).map(({ word }) => word));
  const terms = new Map<string, number>();
  const unknown = new Map<string, number>();
  for (const { word, term, known } of dedupe(readings)) {
    const weight = counts.get(word) ?? 1;
    if (known) add(terms, term, weight);
    else if (!knownWords.has(word)) add(unknown, term, weight);
  }
  return { terms: list(terms), unknown: list(unknown) };
}

/** Adds the repaired terms to the known ones: a repair counts as much as it resembles what was written. */
export function withRepairs(
  { terms, unknown }: PreparedTerms,
  repairs: ReadonlyMap<string, { readonly term: string; readonly similarity: number }>,
): readonly QueryTerm[] {
  const all = new Map(terms.map(({ term, weight }) => [term, weight]));
  for (const { term, weight } of unknown) {
    const repair = repairs.get(term);
    if (repair) add(all, repair.term, weight * repair.similarity);
  }
  return list(all);
}

/** Two languages may read a word alike; that is one reading. */
function dedupe(readings: readonly WordReading[]): WordReading[] {
  return [...new Map(readings.map((reading) => [`${reading.word} ${reading.term}`, reading])).values()];
}

function add(weights: Map<string, number>, term: string, weight: number): void {
  weights.set(term, (weights.get(term) ?? 0) + weight);
}

const list = (weights: ReadonlyMap<string, number>): QueryTerm[] =>
  [...weights].map(([term, weight]) => ({ term, weight }));
