import { UpstreamError } from '@guildhall/sdk';
import { isFlat } from '@guildhall/core';
import type { RegisteredTool } from './tool-source.js';

/** Further down, the database would not take it. */
const MAX_DEPTH = 100;

/** For the model, which would repeat the effect if it called again for another output. */
const DONE = 'it has taken effect all the same, so do not call it again for that';

/**
 * A tool's output as it is stored and shown: exactly what JSON can hold, so that a replay sees the same value as the
 * first pass. An output over the cap is refused whole, since half a JSON value would mislead the model.
 */
export function sealOutput(tool: RegisteredTool, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  const json = toJson(tool, value);
  const bytes = Buffer.byteLength(json);
  if (bytes > tool.maxOutputBytes) throw tooLarge(tool, `${bytes} bytes, more than the ${tool.maxOutputBytes} it may`);
  const output: unknown = JSON.parse(json);
  if (!isFlat(output, MAX_DEPTH)) throw tooLarge(tool, `more than ${MAX_DEPTH} objects and lists within each other`);
  return output;
}

function tooLarge(tool: RegisteredTool, what: string): UpstreamError {
  const remedy = tool.effect === 'read' ? 'ask it for less' : DONE;
  const message = `The tool '${tool.name}' returned ${what}: ${remedy}`;
  return new UpstreamError('tool_output_too_large', message, { retryable: false });
}

function toJson(tool: RegisteredTool, value: unknown): string {
  const refuse = (cause?: unknown) => {
    const message = `The tool '${tool.name}' returned something that is not JSON`;
    const told = tool.effect === 'read' ? message : `${message}: ${DONE}`;
    return new UpstreamError('tool_failed', told, { cause, retryable: false });
  };
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
