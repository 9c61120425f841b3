import type { Failure } from './failure-body.js';

const MAX_FAULTS_TOLD = 5;

/** Words that OpenAI's clients look for, where ours differ. */
const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    unauthenticated: 'invalid_api_key',
    rate_limited: 'rate_limit_exceeded',
    budget_exceeded: 'insufficient_quota',
  }),
);

/** The same facts as OpenAI says them. There are no details, so the message tells the first of them. */
export function openAiFailureBody(failure: Failure) {
  const { code, details = [] } = failure;
  return {
    error: {
      message: messageOf(failure),
      type: code === 'budget_exceeded' ? 'insufficient_quota' : typeOf(failure.status),
      code: CODES.get(code) ?? code,
      param: failure.status === 400 ? details[0]?.path || null : null,
    },
  };
}

function messageOf({ message, details = [] }: Failure): string {
  const told = details.map((detail) => detail.message).filter((text) => text !== message);
  return told.length === 0 ? message : `${message}: ${told.slice(0, MAX_FAULTS_TOLD).join('; ')}`;
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
