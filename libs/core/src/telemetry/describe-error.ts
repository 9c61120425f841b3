import { escapeControls, shorten } from './log-text.js';

/** PGlite's stacks are 30 kB of minified source. */
const MAX_TEXT = 4000;
const MAX_CAUSES = 5;

interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

/** What the log says of an error: kind, words, code, stack and causes; never its other fields, which may hold requests. */
export function describeError(error: unknown, depth = 0): ErrorFields | unknown {
  if (!isErrorLike(error)) return error;
  const { cause } = error;
  return {
    type: error.name,
    message: legible(error.message),
    ...('code' in error ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: legible(error.stack) }),
    ...(isErrorLike(cause) && depth < MAX_CAUSES ? { cause: describeError(cause, depth + 1) } : {}),
  };
}

/** Its lines stay lines. What it quotes may be long, or be meant for the terminal of whoever reads it. */
function legible(text: string): string {
  return escapeControls(shorten(text, MAX_TEXT), { breaks: true });
}

function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}
