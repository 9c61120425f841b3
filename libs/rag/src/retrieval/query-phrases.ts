import type { Passage } from '@guildhall/sdk';
import { plainWords } from '../analysis.js';

const QUOTED = /"([^"]{2,300})"|“([^”]{2,300})”|„([^“”]{2,300})[“”]|«([^»]{2,300})»|「([^」]{2,300})」/g;
const MAX_PHRASES = 8;

/** Among so many chunks those with the phrases are looked for. */
export const PHRASE_CANDIDATES = 300;

/** The phrases that a query puts in quotation marks, each as its words; a word alone is no phrase. */
export function phrasesIn(query: string): string[] {
  const quoted = [...query.matchAll(QUOTED)].slice(0, MAX_PHRASES);
  const phrases = quoted.map((match) => plainWords(match.slice(1).find((group) => group !== undefined)!));
  return phrases.filter((words) => words.length > 1).map(spaced);
}

/** The hits with the most phrases first, word for word and in order; scores say the same. */
export function phrasesFirst(hits: readonly Passage[], phrases: readonly string[]): Passage[] {
  const best = Math.max(0, ...hits.map(({ score }) => score));
  const said = hits.map((hit) => {
    const text = spaced(plainWords([hit.documentTitle, ...hit.headingPath, hit.text].join('\n')));
    return { ...hit, score: hit.score + best * phrases.filter((phrase) => text.includes(phrase)).length };
  });
  return said
    .toSorted((a, b) => b.score - a.score)
    .map((hit, i) => ({ ...hit, ranks: { ...hit.ranks, lexical: i + 1 } }));
}

const spaced = (words: readonly string[]): string => ` ${words.join(' ')} `;
