import { prefers } from '../http/accept.js';
import { type FailedRequest, type Failure, failureBody, problemBody } from './failure-body.js';
import { openAiFailureBody } from './openai-failure.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export interface WrittenFailure {
  readonly contentType: string;
  readonly body: object;
}

/** A failure in the words of the surface that was called: clients of a protocol read no other. */
export function writtenFailure(failure: Failure, request: FailedRequest, accept = ''): WrittenFailure {
  if (request.path.startsWith('/openai/')) return { contentType: JSON_TYPE, body: openAiFailureBody(failure) };
  if (prefers(accept, 'application/problem+json', 'application/json')) {
    return { contentType: PROBLEM_TYPE, body: problemBody(failure, request) };
  }
  return { contentType: JSON_TYPE, body: failureBody(failure, request) };
}
