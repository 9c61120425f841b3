import type { ToolSpec } from '@guildhall/sdk';
import { stem } from '../../../text/stem.js';
import { contentTerms, words } from '../../../text/terms.js';
import { findArithmetic } from './arithmetic.js';
import { fillInput } from './fill-input.js';

export const SEARCH_TOOL = 'knowledge.search';

/** A tool and its input, as a rule reads them from a question. `alone`: the tool answers the question completely. */
export interface PickedTool {
  readonly tool: string;
  readonly input: Record<string, unknown>;
  readonly alone: boolean;
}

const ASKS_TIME =
  /\bwhat(?:'s|’s| is) the (?:current |local )?(?:time|date)\b(?! (?:of|for|to)\b)|\bwhat (?:time|day|date) is it\b|\bcurrent (?:time|date)\b|\btoday(?:'s|’s) date\b|\b(?:what|which) day is (?:it )?today\b/i;
/** Words of a tool's name that say how, not what. */
const VERBS = new Set(
  'get list fetch find look lookup search query current read show tool api run call make create'.split(' '),
);
const MIN_DESCRIPTION_MATCHES = 3;
const IMPERATIVE =
  /^(?:(?:and|then|also|now|please|can you|could you)[, ]+)*(?!(?:what|who|how|when|where|why|which|is|are|do|does|did)\b)/i;

/** Tools that are called on a sign in the question and on nothing else, by a word of their name. */
const BY_SIGN: readonly (readonly [word: string, sign: (question: string) => boolean])[] = [
  ['calculator', (question) => findArithmetic(question) !== undefined],
  ['time', (question) => ASKS_TIME.test(question)],
];

/** The tool that the question calls for, if one does and the question states all it needs. */
export function pickTool(question: string, tools: readonly ToolSpec[]): PickedTool | undefined {
  for (const [word, sign] of BY_SIGN) {
    const tool = tools.find(({ name }) => nameWords(name).includes(word));
    const pick = tool && sign(question) ? picked(tool, question, true) : undefined;
    if (pick) return pick;
  }
  const terms = new Set(contentTerms(question));
  return tools
    .filter((tool) => isGeneral(tool) && (tool.effect !== 'unsafe' || IMPERATIVE.test(question)))
    .map((tool) => ({ tool, relevance: relevance(tool, terms) }))
    .filter(({ relevance }) => relevance > 0)
    .toSorted((a, b) => b.relevance - a.relevance)
    .map(({ tool }) => picked(tool, question, false))
    .find((pick) => pick !== undefined);
}

function isGeneral({ name }: ToolSpec): boolean {
  const said = nameWords(name);
  return name !== SEARCH_TOOL && !BY_SIGN.some(([word]) => said.includes(word));
}

function picked(tool: ToolSpec, question: string, alone: boolean): PickedTool | undefined {
  const input = fillInput(tool.inputSchema, question);
  return input && { tool: tool.name, input, alone };
}

/** How clearly the question speaks of the tool: by its name, or by several words of its description. */
function relevance(tool: ToolSpec, terms: ReadonlySet<string>): number {
  const names = nameWords(tool.name)
    .filter((word) => !VERBS.has(word))
    .map(stem);
  const byName = names.filter((name) => terms.has(name)).length;
  const described = new Set(contentTerms(tool.description));
  const byDescription = [...described].filter((term) => terms.has(term)).length;
  const speaks = (byName > 0 && byName * 2 >= names.length) || byDescription >= MIN_DESCRIPTION_MATCHES;
  return speaks ? byName / Math.max(names.length, 1) + byDescription / 100 : 0;
}

function nameWords(name: string): string[] {
  return words(name.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').replace(/[_.-]+/g, ' '));
}
