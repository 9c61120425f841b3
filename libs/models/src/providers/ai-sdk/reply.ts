import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import type { ClientReply, ToolCall, VendorUsage } from '@guildhall/sdk';
import { parseForeignJson } from '@guildhall/core';
import { citeReply } from '../../citations/cite-reply.js';
import type { NumberedPassage } from '../../citations/passages.js';
import { malformed } from './failure.js';
import type { ToolNames } from './tool-names.js';

/** What a vendor sent, whole. */
export interface RawReply {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly Pick<LanguageModelV4ToolCall, 'toolCallId' | 'toolName' | 'input'>[];
  readonly finishReason: LanguageModelV4FinishReason;
  /** The vendor's counts; undefined where it sent none. */
  readonly usage: VendorUsage | undefined;
}

export function rawReply(
  content: readonly LanguageModelV4Content[],
  finishReason: LanguageModelV4FinishReason,
  usage: LanguageModelV4Usage,
): RawReply {
  return {
    text: textOf(content, 'text'),
    reasoning: textOf(content, 'reasoning'),
    toolCalls: content.filter((part) => part.type === 'tool-call'),
    finishReason,
    usage: toUsage(usage),
  };
}

function textOf(content: readonly LanguageModelV4Content[], type: 'text' | 'reasoning'): string {
  return content.map((part) => (part.type === type ? part.text : '')).join('');
}

/** Checks a vendor's reply and puts it into our terms. Throws `provider_malformed_reply`. */
export function toReply(
  provider: string,
  raw: RawReply,
  request: { readonly passages: readonly NumberedPassage[]; readonly names: ToolNames },
): ClientReply {
  const { usage } = raw;
  const toolCalls = raw.toolCalls.map((one) => toToolCall(one, request.names));
  return {
    text: raw.text,
    ...(raw.reasoning === '' ? {} : { reasoning: raw.reasoning }),
    toolCalls,
    citations: citeReply(raw.text, request.passages),
    finishReason: toFinishReason(provider, raw.finishReason, toolCalls),
    ...(usage ? { usage } : {}),
  };
}

function toToolCall({ toolCallId, toolName, input }: RawReply['toolCalls'][number], names: ToolNames): ToolCall {
  return { id: toolCallId, tool: names.fromWire(toolName), ...argumentsIn(input) };
}

/** Enough of arguments that nobody can read for a person to see what they were. */
const MAX_UNREADABLE = 2000;

/** What is no JSON within bounds stays text: no tool takes that, and the model is told why. */
function argumentsIn(text: string): Pick<ToolCall, 'input' | 'inputFault'> {
  // A tool without parameters is called with nothing by some vendors.
  if (text.trim() === '') return { input: {} };
  const read = parseForeignJson(text);
  if ('value' in read) return { input: read.value };
  const shown = text.length > MAX_UNREADABLE ? `${text.slice(0, MAX_UNREADABLE)}…` : text;
  return { input: shown, inputFault: read.fault };
}

function toFinishReason(
  provider: string,
  { unified, raw }: LanguageModelV4FinishReason,
  toolCalls: readonly ToolCall[],
): ClientReply['finishReason'] {
  switch (unified) {
    case 'length':
    case 'content-filter':
      return unified;
    case 'error':
    case 'interrupted':
      throw malformed(provider, 'ended in an error');
    case 'other':
      // Nothing, or what some vendors say for it.
      if (!raw) throw malformed(provider, 'ended without its finish marker');
      return toolCalls.length > 0 ? 'tool-calls' : 'stop';
    case 'stop':
    case 'tool-calls':
      return toolCalls.length > 0 ? 'tool-calls' : 'stop';
  }
}

/** The vendor's counts; undefined where it sent none. */
export function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): VendorUsage | undefined {
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined;
  const { cacheWrite } = inputTokens;
  const { reasoning } = outputTokens;
  return {
    inputTokens: inputTokens.total ?? 0,
    outputTokens: outputTokens.total ?? 0,
    cachedTokens: inputTokens.cacheRead ?? 0,
    ...(cacheWrite ? { cacheWriteTokens: cacheWrite } : {}),
    ...(reasoning ? { reasoningTokens: reasoning } : {}),
  };
}
