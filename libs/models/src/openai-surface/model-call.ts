import type { ModelCall, ToolSpec } from '@guildhall/sdk';
import { chatMessages } from './chat-messages.js';
import { type Fields, isFields, unsupported, withoutNulls, wrong } from './faults.js';

/**
 * A chat completion as a call of a model that speaks another language. What would change the form of the answer and
 * cannot be done is refused; what only tunes it (`top_p`, penalties, `stop`, `user`) is left out.
 */
export function modelCall(request: Fields, model: string, signal: AbortSignal): ModelCall {
  const body = withoutNulls(request);
  refuseForms(body);
  const tools = toolsOf(body);
  const responseSchema = schemaOf(body['response_format']);
  const most = numberOf(body, 'max_completion_tokens') ?? numberOf(body, 'max_tokens');
  const maxOutputTokens = most === -1 ? undefined : most;
  const temperature = numberOf(body, 'temperature');
  const seed = numberOf(body, 'seed');
  return {
    model,
    signal,
    messages: chatMessages(body['messages'] as Fields[]),
    ...(tools.length > 0 ? { tools } : {}),
    ...(responseSchema === undefined ? {} : { responseSchema }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function refuseForms({ n, logprobs, modalities, functions, tool_choice: choice }: Fields): void {
  if (n !== undefined && n !== 1) throw unsupported('n', 'This model gives one choice: leave n out');
  if (logprobs === true) throw unsupported('logprobs', 'This model tells no logprobs: leave logprobs out');
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text')) {
    throw unsupported('modalities', 'This model answers in text only: leave modalities out');
  }
  if (functions !== undefined) throw unsupported('functions', 'Use tools instead of functions');
  if (choice !== undefined && choice !== 'auto' && choice !== 'none') {
    throw unsupported('tool_choice', 'This model chooses itself: tool_choice must be "auto" or "none"');
  }
}

function toolsOf({ tools, tool_choice: choice }: Fields): ToolSpec[] {
  if (tools === undefined || choice === 'none') return [];
  if (!Array.isArray(tools)) throw wrong('tools', 'tools must be a list');
  return tools.map((tool: unknown, index) => {
    const { name, description, parameters } = isFields(tool) && isFields(tool['function']) ? tool['function'] : {};
    if (typeof name !== 'string' || name === '') {
      throw wrong(`tools[${index}]`, `tools[${index}] must be a function with a name`);
    }
    return {
      name,
      description: typeof description === 'string' ? description : '',
      inputSchema: isFields(parameters) ? { ...parameters } : { type: 'object', properties: {} },
      // The caller performs it; what that does is not known here.
      effect: 'unsafe',
    };
  });
}

function schemaOf(format: unknown): Record<string, unknown> | undefined {
  if (format === undefined) return undefined;
  const { type, json_schema: wrapped } = isFields(format) ? format : {};
  if (type === 'text') return undefined;
  if (type === 'json_object') return { type: 'object' };
  const schema = isFields(wrapped) ? wrapped['schema'] : undefined;
  if (type === 'json_schema' && isFields(schema)) return { ...schema };
  throw wrong('response_format', 'response_format must be text, json_object, or json_schema with json_schema.schema');
}

function numberOf(body: Fields, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || typeof value === 'number') return value;
  throw wrong(name, `${name} must be a number`);
}
