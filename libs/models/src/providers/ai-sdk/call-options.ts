import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { ModelCall } from '@guildhall/sdk';
import type { NumberedPassage } from '../../citations/passages.js';
import { toPrompt } from './prompt.js';
import { isStrictSchema } from './strict-schema.js';
import type { ToolNames } from './tool-names.js';

type JsonSchema = Extract<
  NonNullable<LanguageModelV4CallOptions['tools']>[number],
  { type: 'function' }
>['inputSchema'];

/** One call in the terms of the AI SDK's provider packages. */
export function toCallOptions(
  call: ModelCall,
  passages: readonly NumberedPassage[],
  names: ToolNames,
  abortSignal: AbortSignal,
): LanguageModelV4CallOptions {
  return {
    prompt: toPrompt(call, passages, names),
    abortSignal,
    ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
    ...(call.maxOutputTokens === undefined ? {} : { maxOutputTokens: call.maxOutputTokens }),
    ...(call.seed === undefined ? {} : { seed: call.seed }),
    ...(call.responseSchema ? structured(call.responseSchema) : {}),
    ...(call.tools?.length
      ? {
          tools: call.tools.map(({ name, description, inputSchema }) => ({
            type: 'function' as const,
            name: names.toWire(name),
            description,
            inputSchema: inputSchema as JsonSchema,
          })),
        }
      : {}),
  };
}

function structured(
  schema: Record<string, unknown>,
): Pick<LanguageModelV4CallOptions, 'responseFormat' | 'providerOptions'> {
  const strict = { strictJsonSchema: isStrictSchema(schema) };
  return {
    responseFormat: { type: 'json', schema: schema as JsonSchema },
    providerOptions: { openai: strict, openaiCompatible: strict },
  };
}
