import { newId } from '@guildhall/core';
import type { AppError } from '@guildhall/sdk';
import type { Fields } from '../faults.js';
import { areaOf } from '../need-scope.js';
import type { Answered, Asked } from './answered.js';
import type { Item } from './input-items.js';
import type { ResponseObject } from './response.js';

const INCOMPLETE: Readonly<Partial<Record<Answered['finishReason'], string>>> = {
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
};

const seconds = (): number => Math.floor(Date.now() / 1000);

/** A response of which nothing is known yet but what was asked. */
export function newResponse({ request: { body, ...request }, previous }: Asked): ResponseObject {
  const isAgent = areaOf(request.model) === 'runs';
  // An agent's thread goes on under the instructions it began with.
  const standing = isAgent && previous?.runId ? previous.response['instructions'] : null;
  const { format = { type: 'text' } } = (body['text'] ?? {}) as Fields;
  return {
    id: newId('resp'),
    object: 'response',
    created_at: seconds(),
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? standing,
    max_output_tokens: isAgent ? null : (request.maxOutputTokens ?? null),
    max_tool_calls: body['max_tool_calls'] ?? null,
    model: request.model,
    output: [],
    parallel_tool_calls: request.parallelToolCalls,
    previous_response_id: request.previousResponseId ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    // How hard a model thinks is its own affair here.
    reasoning: { effort: null, summary: null },
    safety_identifier: body['safety_identifier'] ?? null,
    service_tier: 'default',
    store: request.store,
    temperature: isAgent ? null : (request.temperature ?? null),
    text: { format },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
    usage: null,
    user: request.user ?? null,
    metadata: body['metadata'] ?? {},
  };
}

export function finishedResponse(
  response: ResponseObject,
  output: readonly Item[],
  { finishReason, usage, guildhall }: Answered,
): ResponseObject {
  const reason = INCOMPLETE[finishReason];
  return {
    ...response,
    status: reason === undefined ? 'completed' : 'incomplete',
    completed_at: reason === undefined ? seconds() : null,
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: toUsage(usage),
    guildhall,
  };
}

export function failedResponse(response: ResponseObject, output: readonly Item[], error: AppError): ResponseObject {
  const code = error.category === 'rate_limit' ? 'rate_limit_exceeded' : 'server_error';
  const { message } = error;
  return { ...response, status: 'failed', output, error: { code, message }, guildhall: { code: error.code } };
}

function toUsage({ inputTokens, outputTokens, ...usage }: Answered['usage']): object {
  const { cachedTokens, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
