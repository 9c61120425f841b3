import { UpstreamError } from '@guildhall/sdk';
import type { RegisteredTool } from './tool-source.js';

/**
 * A tool's output as it is stored and shown: exactly what JSON can hold, so that a replay sees the same value as the
 * first pass. An output over the cap is refused whole, since half a JSON value would mislead the model.
 */
export function sealOutput(tool: RegisteredTool, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  const json = toJson(tool, value);
  const bytes = Buffer.byteLength(json);
  if (bytes <= tool.maxOutputBytes) return JSON.parse(json) as unknown;
  throw new UpstreamError(
    'tool_output_too_large',
    `The tool '${tool.name}' returned ${bytes} bytes, more than the ${tool.maxOutputBytes} it may: ask it for less`,
    { retryable: false },
  );
}

function toJson(tool: RegisteredTool, value: unknown): string {
  const refuse = (cause?: unknown) =>
    new UpstreamError('tool_failed', `The tool '${tool.name}' returned something that is not JSON`, {
      cause,
      retryable: false,
    });
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw refuse(error); // a cycle, or a BigInt
  }
  if (json === undefined) throw refuse();
  return json.includes('\\u') ? storable(json) : json;
}

/** Postgres holds neither NUL nor half a surrogate pair in jsonb; text read from binary data must not break the run's record. */
function storable(json: string): string {
  return json.replaceAll(/(?<!\\)((?:\\\\)*)\\u(0000|d[89a-f][0-9a-f]{2})/g, (_, escaped: string, code: string) =>
    code === '0000' ? escaped : `${escaped}\ufffd`,
  );
}
