import type { ErrorDetail } from '@guildhall/sdk';
import type { Fields } from '../faults.js';

/** What a request may say: followed, or of no weight for the form of the answer. docs/openai.md tells which is which. */
const TAKEN = new Set([
  'model',
  'input',
  'instructions',
  'previous_response_id',
  'stream',
  'store',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'max_output_tokens',
  'temperature',
  'metadata',
  'user',
  'top_p',
  'reasoning',
  'max_tool_calls',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'stream_options',
]);

/** Parts of answers that never occur here, or are there without being asked for. */
const NEEDLESS_INCLUDES = new Set([
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
  'file_search_call.results',
  'message.input_image.image_url',
  'reasoning.encrypted_content',
  'web_search_call.action.sources',
  'web_search_call.results',
]);

interface Refusal {
  readonly isHarmless: (value: unknown) => boolean;
  readonly message: string;
}

const isNothing = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);

/** What OpenAI knows and cannot be done here: refused, unless it asks for what happens anyway. */
const REFUSED: ReadonlyMap<string, Refusal> = new Map(
  Object.entries<Refusal>({
    background: {
      isHarmless: (value) => value === null || value === false,
      message:
        'background must be false: an answer comes at once or streamed; POST /api/v1/runs runs in the background',
    },
    conversation: { isHarmless: isNothing, message: 'There are no conversation objects: use previous_response_id' },
    prompt: { isHarmless: isNothing, message: 'There are no prompt templates: send instructions and input' },
    truncation: {
      isHarmless: (value) => value === null || value === 'disabled',
      message: 'truncation must be "disabled": the conversation is sent as it is',
    },
    context_management: {
      isHarmless: isNothing,
      message: 'Conversations are not compacted: leave context_management out',
    },
    moderation: { isHarmless: isNothing, message: 'There is no moderation of answers: leave moderation out' },
    image: { isHarmless: isNothing, message: 'Images are not made: leave image out' },
    access_programs: { isHarmless: isNothing, message: 'There are no access programs: leave access_programs out' },
    top_logprobs: {
      isHarmless: (value) => value === null || value === 0,
      message: 'No logprobs are told: leave top_logprobs out',
    },
    include: {
      isHarmless: (value) =>
        value === null || (Array.isArray(value) && value.every((one) => NEEDLESS_INCLUDES.has(one as string))),
      message: `include may hold only: ${[...NEEDLESS_INCLUDES].join(', ')}`,
    },
  }),
);

/** Every field that cannot be followed, and every one that nobody knows. */
export function refusedFields(body: Fields): ErrorDetail[] {
  return Object.keys(body).flatMap((path) => {
    if (TAKEN.has(path)) return [];
    const refusal = REFUSED.get(path);
    if (!refusal) return [{ path, code: 'unknown_parameter', message: `Unknown parameter: '${path}'` }];
    if (refusal.isHarmless(body[path])) return [];
    return [{ path, code: 'unsupported_parameter', message: refusal.message }];
  });
}
