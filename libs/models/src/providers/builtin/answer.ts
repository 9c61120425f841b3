import type { Citation, ModelMessage, Passage, ToolSpec } from '@guildhall/sdk';
import { type NumberedPassage, numberPassages, passagesIn } from '../../citations/passages.js';
import { Composition } from './compose.js';
import { type Selection, selectSentences } from './knowledge/select-sentences.js';
import { lastQuestion, questionParts } from './question.js';
import { type PickedTool, SEARCH_TOOL, pickTool } from './tools/pick-tool.js';
import { stateFailure, stateOutput } from './tools/state-output.js';
import { type MadeCall, madeCalls, wasMade } from './tools/tool-history.js';
import { Unanswered } from './unanswered.js';

export interface ExtractiveRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSpec[];
  readonly knowledge?: readonly Passage[];
}

/** What rules make of a request: calls to make first, or the answer. */
export type ExtractiveReply =
  | { readonly kind: 'calls'; readonly calls: readonly { readonly tool: string; readonly input: unknown }[] }
  | {
      readonly kind: 'answer';
      readonly text: string;
      readonly citations: readonly Citation[];
      readonly abstained: boolean;
    };

interface Part {
  readonly text: string;
  readonly pick?: PickedTool;
  /** Why the tool that is asked for cannot be called. */
  readonly unfit?: string;
  /** What the documents say to it. */
  readonly selection: Selection;
}

/** Answers by rule, the same way every time: tools where a part of the question asks for one, else the documents. */
export function answer({ messages, tools = [], knowledge }: ExtractiveRequest): ExtractiveReply {
  const question = lastQuestion(messages);
  const passages = numberPassages(knowledge, messages);
  const parts = questionParts(question).map((text) => readPart(text, tools, passages));
  const made = madeCalls(messages);
  const calls = [...toolCalls(parts), ...searches(parts, tools, passages)].filter((call) => !wasMade(made, call));
  if (calls.length > 0) return { kind: 'calls', calls: withoutRepeats(calls) };
  const searched = knowledge !== undefined || tools.some(({ name }) => name === SEARCH_TOOL) || made.some(isSearch);
  return compose(question, parts, made, passages, searched);
}

function readPart(text: string, tools: readonly ToolSpec[], passages: readonly NumberedPassage[]): Part {
  const pick = pickTool(text, tools);
  const call = pick?.kind === 'call' ? pick : undefined;
  const selection = selectSentences(text, passages, call ? Object.values(call.input) : []);
  if (pick?.kind === 'unfit') return { text, unfit: pick.reason, selection };
  return call && (call.firm || selection.picked.length === 0) ? { text, pick: call, selection } : { text, selection };
}

function toolCalls(parts: readonly Part[]) {
  return parts.flatMap(({ pick }) => (pick ? [{ tool: pick.tool, input: pick.input }] : []));
}

/** Where no knowledge came with the request, what no tool answers is looked up. */
function searches(parts: readonly Part[], tools: readonly ToolSpec[], passages: readonly NumberedPassage[]) {
  const open = parts.filter(({ pick }) => !pick?.alone);
  const offered = tools.some(({ name }) => name === SEARCH_TOOL);
  if (!offered || open.length === 0 || passages.length > 0) return [];
  return [{ tool: SEARCH_TOOL, input: { query: open.map(({ text }) => text).join(' ') } }];
}

function withoutRepeats(calls: readonly { tool: string; input: unknown }[]) {
  return calls.filter((call, index) => !wasMade(calls.slice(0, index), call));
}

function compose(
  question: string,
  parts: readonly Part[],
  made: readonly MadeCall[],
  passages: readonly NumberedPassage[],
  searched: boolean,
): ExtractiveReply {
  const composition = new Composition();
  const stated = new Set<MadeCall>();
  const unanswered = new Unanswered(searched);
  for (const { text, pick, unfit, selection } of parts) {
    const call = pick && made.find((one) => wasMade([one], pick) && one.result);
    if (call) stateCall(composition, call, stated);
    const quoted = pick?.alone && call ? true : composition.quote(selection.picked);
    if (!quoted && !call) unanswered.add(text, { unfit, missing: selection.missing });
  }
  // What else was called, by a model that this provider stands in for, or for a question cut differently.
  for (const call of made)
    if (!stated.has(call) && call.result && !isSearch(call)) stateCall(composition, call, stated);

  const whole = composition.text === '' && parts.length > 1 ? selectSentences(question, passages).picked : [];
  const abstained = composition.text === '' && !composition.quote(whole);
  if (abstained || unanswered.count < parts.length)
    unanswered.sentences(abstained).forEach((one) => composition.state(one));
  for (const call of made) if (isSearch(call) && call.result?.failed) stateCall(composition, call, stated);
  return { kind: 'answer', text: composition.text, citations: composition.citations, abstained };
}

function isSearch(call: MadeCall): boolean {
  return call.tool === SEARCH_TOOL || passagesIn(call.result?.output) !== undefined;
}

function stateCall(composition: Composition, call: MadeCall, stated: Set<MadeCall>): void {
  if (stated.has(call) || !call.result) return;
  stated.add(call);
  const { output, failed } = call.result;
  composition.state(failed ? `${call.tool} failed: ${stateFailure(output)}` : `${call.tool}: ${stateOutput(output)}`);
}
