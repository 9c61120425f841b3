import type { ToolSpec } from '@guildhall/sdk';
import { identifiersIn } from '../../../text/identifiers.js';
import { sharedCount } from '../../../text/overlap.js';
import { stem } from '../../../text/stem.js';
import { contentTerms, words } from '../../../text/terms.js';
import { findArithmetic } from './arithmetic.js';
import { asksTime } from './asks-time.js';
import { fillInput } from './fill-input.js';
import { zoneOfPlace } from './place-zones.js';

export const SEARCH_TOOL = 'knowledge.search';

/**
 * A tool and its input, as a rule reads them from a question. `alone`: the tool answers the question completely. `firm`:
 * nothing else can be meant; otherwise documents that answer come first.
 */
export interface PickedTool {
  readonly kind: 'call';
  readonly tool: string;
  readonly input: Record<string, unknown>;
  readonly alone: boolean;
  readonly firm: boolean;
}

/** A tool that is asked for and cannot be called, and why. */
export interface UnfitTool {
  readonly kind: 'unfit';
  readonly reason: string;
}

/** Words of a tool's name that say how, not what. */
const VERBS = new Set(
  'get list fetch find look lookup search query current read show tool api run call make create'.split(' '),
);
const CLOCK_WORDS = new Set('time date now clock today local world zone'.split(' '));
const MIN_DESCRIPTION_MATCHES = 3;
/** A tool is asked for when so much of what the question says is about it. */
const MIN_COVERED = 0.6;
const COMMAND =
  /^(?:(?:and|then|also|now|please|can you|could you)[, ]+)*(?!(?:what|who|how|when|where|why|which|is|are|do|does|did|can|could|may|will|would|should|i|we)\b)/i;
/** "10x15", "24/7", "9-5": an expression that documents may have as a name. */
const LIKE_A_NAME = /^\d+ ?[*/-] ?\d+$/;

/** The tool that the question asks for, if it asks for one and states all that it needs. */
export function pickTool(question: string, tools: readonly ToolSpec[]): PickedTool | UnfitTool | undefined {
  return pickCalculator(question, tools) ?? pickClock(question, tools) ?? pickByWords(question, tools);
}

function pickCalculator(question: string, tools: readonly ToolSpec[]): PickedTool | undefined {
  const tool = tools.find(isCalculator);
  const expression = tool && findArithmetic(question);
  const input = expression === undefined ? undefined : fillInput(tool!.inputSchema, question);
  if (!input) return undefined;
  return { kind: 'call', tool: tool!.name, input, alone: true, firm: !LIKE_A_NAME.test(expression!) };
}

function pickClock(question: string, tools: readonly ToolSpec[]): PickedTool | UnfitTool | undefined {
  const tool = tools.find(isClock);
  const asked = tool && asksTime(question);
  if (!asked) return undefined;
  const zone = asked.place === undefined ? undefined : zoneOfPlace(asked.place);
  if (asked.place !== undefined && zone === undefined) {
    return {
      kind: 'unfit',
      reason: `I do not know the place "${asked.place}", or it has several time zones: name a larger city.`,
    };
  }
  const input = fillInput(tool!.inputSchema, question);
  if (!input) return undefined;
  const property = zone && propertiesOf(tool!).find(isZone);
  return {
    kind: 'call',
    tool: tool!.name,
    input: property ? { ...input, [property]: zone } : input,
    alone: true,
    firm: true,
  };
}

function pickByWords(question: string, tools: readonly ToolSpec[]): PickedTool | undefined {
  const terms = new Set(contentTerms(question));
  return tools
    .filter((tool) => tool.name !== SEARCH_TOOL && !isCalculator(tool) && !isClock(tool))
    .filter((tool) => tool.effect === 'read' || COMMAND.test(question))
    .map((tool) => ({ tool, relevance: relevance(tool, terms) }))
    .filter(({ relevance }) => relevance > 0)
    .toSorted((a, b) => b.relevance - a.relevance)
    .map(({ tool }) => asked(tool, question, terms))
    .find((pick) => pick !== undefined);
}

/**
 * The call, where the question states its input and asks for the tool: by a command, by the number of the thing, or by
 * speaking of little else; a tool that takes nothing must be called by its whole name.
 */
function asked(tool: ToolSpec, question: string, terms: ReadonlySet<string>): PickedTool | undefined {
  const input = fillInput(tool.inputSchema, question);
  if (!input) return undefined;
  const values = Object.values(input).map(String);
  const firm =
    COMMAND.test(question) ||
    identifiersIn(question).some(({ value }) => values.some((one) => one.toLowerCase() === value));
  const stated = values.length > 0 || matterOf(tool).every((name) => terms.has(name));
  const little = stated && coverage(tool, values, terms) >= MIN_COVERED;
  return firm || little ? { kind: 'call', tool: tool.name, input, alone: false, firm } : undefined;
}

/** The share of what the question says that the tool's name, description and input account for. */
function coverage(tool: ToolSpec, values: readonly string[], terms: ReadonlySet<string>): number {
  const said = [tool.description, ...nameWords(tool.name), ...propertiesOf(tool).flatMap(nameWords), ...values];
  return sharedCount(terms, new Set(contentTerms(said.join(' ')))) / Math.max(terms.size, 1);
}

/** How clearly the question speaks of the tool: by its name, or by several words of its description. */
function relevance(tool: ToolSpec, terms: ReadonlySet<string>): number {
  const names = matterOf(tool);
  const byName = names.filter((name) => terms.has(name)).length;
  const described = new Set(contentTerms(tool.description));
  const byDescription = [...described].filter((term) => terms.has(term)).length;
  const speaks = (byName > 0 && byName * 2 >= names.length) || byDescription >= MIN_DESCRIPTION_MATCHES;
  return speaks ? byName / Math.max(names.length, 1) + byDescription / 100 : 0;
}

/** The words of a tool's name that say what it is about. */
const matterOf = ({ name }: ToolSpec): string[] =>
  nameWords(name)
    .filter((word) => !VERBS.has(word))
    .map(stem);

const isCalculator = (tool: ToolSpec): boolean =>
  propertiesOf(tool).some((name) => /^(?:expression|formula|calculation)$/i.test(name));

function isClock({ name }: ToolSpec): boolean {
  const said = nameWords(name).filter((word) => !VERBS.has(word));
  return said.length > 0 && said.every((word) => CLOCK_WORDS.has(word));
}

const isZone = (name: string): boolean => /time_?zone|^tz$/i.test(name);

const propertiesOf = ({ inputSchema }: ToolSpec): string[] =>
  Object.keys((inputSchema as { properties?: object }).properties ?? {});

function nameWords(name: string): string[] {
  return words(name.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').replace(/[_.-]+/g, ' '));
}
