/** PGlite's stacks are 30 kB of minified source. */
const MAX_STACK = 4000;
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
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack.slice(0, MAX_STACK) }),
    ...(isErrorLike(cause) && depth < MAX_CAUSES ? { cause: describeError(cause, depth + 1) } : {}),
  };
}

function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}
