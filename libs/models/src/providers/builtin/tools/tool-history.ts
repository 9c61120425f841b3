import { isDeepStrictEqual } from 'node:util';
import type { ModelMessage } from '@guildhall/sdk';
import { sinceLastQuestion } from '../../../citations/passages.js';

/** A call made for the present question; without `output` its result is not in the conversation. */
export interface MadeCall {
  readonly tool: string;
  readonly input: unknown;
  readonly result?: { readonly output: unknown; readonly failed: boolean };
}

/** The tool calls since the user last spoke, in order, with their results. */
export function madeCalls(messages: readonly ModelMessage[]): MadeCall[] {
  const recent = sinceLastQuestion(messages);
  const results = new Map(
    recent.flatMap((message) =>
      message.role === 'tool'
        ? [[message.callId, { output: message.output, failed: message.failed === true }] as const]
        : [],
    ),
  );
  return recent.flatMap((message) =>
    message.role === 'assistant'
      ? (message.toolCalls ?? []).map(({ id, tool, input }) => ({ tool, input, result: results.get(id) }))
      : [],
  );
}

/** Whether this very call was made: rules would make it again for ever. */
export function wasMade(made: readonly MadeCall[], call: { readonly tool: string; readonly input: unknown }): boolean {
  return made.some(({ tool, input }) => tool === call.tool && isDeepStrictEqual(input, call.input));
}
