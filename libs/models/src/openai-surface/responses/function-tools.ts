import type { ToolSpec } from '@guildhall/sdk';
import { type Fields, isFields, unsupported, wrong } from '../faults.js';

/** Tools in the flat form of responses. Only the caller's functions: nothing here searches the web or runs code. */
export function functionTools(tools: unknown): ToolSpec[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw wrong('tools', 'tools must be a list');
  return tools.map((tool: unknown, index) => toTool(isFields(tool) ? tool : {}, `tools[${index}]`));
}

function toTool({ type, name, description, parameters }: Fields, path: string): ToolSpec {
  if (type !== 'function') {
    const message = `${path}.type must be "function": there are no built-in tools; an agent (agent/<name>) has tools`;
    throw unsupported(`${path}.type`, message);
  }
  if (typeof name !== 'string' || name === '') throw wrong(`${path}.name`, `${path}.name must be a name`);
  return {
    name,
    description: typeof description === 'string' ? description : '',
    inputSchema: isFields(parameters) ? { ...parameters } : { type: 'object', properties: {} },
    // The caller performs it; what that does is not known here.
    effect: 'unsafe',
  };
}

/** Models here choose themselves. */
export function refuseToolChoice(choice: unknown): void {
  if (choice === undefined || choice === null || choice === 'auto' || choice === 'none') return;
  throw unsupported('tool_choice', 'Models choose themselves: tool_choice must be "auto" or "none"');
}

/** The schema that the text must follow, if any. */
export function textSchema(text: unknown): Record<string, unknown> | undefined {
  const format = isFields(text) ? (text['format'] ?? undefined) : undefined;
  if (format === undefined) return undefined;
  const { type, schema } = isFields(format) ? format : {};
  if (type === 'text') return undefined;
  if (type === 'json_object') return { type: 'object' };
  if (type === 'json_schema' && isFields(schema)) return { ...schema };
  throw wrong('text.format', 'text.format must be text, json_object, or json_schema with a schema');
}
