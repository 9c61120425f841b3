import type { QueryWord } from '../analysis.js';

/** A term of the analysed query. */
export interface QueryTerm {
  readonly term: string;
  /** How often the query says it; less where it is only like what the query says. */
  readonly weight: number;
  /** Chunks with the term; where the collection is small enough not to care, only that there are some. */
  readonly df: number;
  /** The term it is a form of. Forms are as rare as all of them together: a rare one is no better than the exact one. */
  readonly family: string;
}

/** One reading of a query word by one language's analysis, as the database answers it. */
export interface WordReading {
  readonly word: string;
  readonly term: string;
  /** Chunks of the collection that have the term, counted up to a limit. */
  readonly df: number;
}

export interface PreparedTerms {
  readonly terms: readonly QueryTerm[];
  /** Terms of words of which the collection knows no form in any reading: misspelt, perhaps. */
  readonly unknown: readonly QueryTerm[];
}

/**
 * What to score: every known reading of every word. Two words with one stem add up. A word that some language drops as
 * a stop word is judged by its other readings.
 */
export function prepareTerms(words: readonly QueryWord[], all: readonly WordReading[]): PreparedTerms {
  const readings = dedupe(all);
  const written = new Map(words.map((word) => [word.word, word]));
  const families = new Map(readings.toReversed().map(({ word, term }) => [word, term]));
  const known = new Set(readings.filter(({ df }) => df > 0).map(({ word }) => written.get(word)?.of));
  const terms: Weights = new Map();
  const unknown: Weights = new Map();
  for (const { word, term, df } of readings) {
    const { weight, of } = written.get(word) ?? { weight: 1, of: word };
    const family = of === word ? term : (families.get(of) ?? term);
    if (df > 0) add(terms, { term, weight, df, family });
    else if (of === word && !known.has(word)) add(unknown, { term, weight, df, family });
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
    if (repair) add(all, { term: repair.term, weight: weight * repair.similarity, df: 0, family: repair.term });
  }
  return [...all.values()];
}

/** A longer word that holds a term of the query: "Versandkostenpauschale" for "Versandkosten". */
export interface Compound {
  readonly part: string;
  readonly term: string;
}

const COMPOUND_WEIGHT = 0.2;

/** Adds the compounds of terms; what has some is a part of words, and not misspelt. */
export function withCompounds({ terms, unknown }: PreparedTerms, compounds: readonly Compound[]): PreparedTerms {
  const parts = new Map([...terms, ...unknown].map((one) => [one.term, one]));
  const all: Weights = new Map(terms.map((known) => [known.term, known]));
  for (const { part, term } of compounds) {
    const { weight, family } = parts.get(part)!;
    if (!parts.has(term)) add(all, { term, weight: weight * COMPOUND_WEIGHT, df: 0, family });
  }
  const found = new Set(compounds.map(({ part }) => part));
  return { terms: [...all.values()], unknown: unknown.filter(({ term }) => !found.has(term)) };
}

/** Two languages may read a word alike; that is one reading. */
function dedupe(readings: readonly WordReading[]): WordReading[] {
  return [...new Map(readings.map((reading) => [`${reading.word} ${reading.term}`, reading])).values()];
}

type Weights = Map<string, QueryTerm>;

function add(weights: Weights, { term, weight, df, family }: QueryTerm): void {
  const known = weights.get(term);
  weights.set(term, {
    term,
    weight: (known?.weight ?? 0) + weight,
    df: known?.df ?? df,
    family: known?.family ?? family,
  });
}
