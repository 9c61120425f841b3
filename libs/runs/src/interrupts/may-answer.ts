import { AuthorizationError, type InterruptKind, type RequestContext, hasScope } from '@guildhall/sdk';
import type { Interrupt } from './interrupt.repository.js';

/** What a call may do is not for everybody to say who may start runs. */
const NEEDED = {
  approval: 'runs:approve',
  unknown_effect: 'runs:approve',
  question: 'runs:write',
  choice: 'runs:write',
} as const satisfies Record<InterruptKind, string>;

export const ANSWER_SCOPES = [...new Set(Object.values(NEEDED))];

export function refuseUnlessMayAnswer({ actor }: RequestContext, interrupt: Interrupt): void {
  const { kind, runId, by, startedBy } = interrupt;
  const scope = NEEDED[kind];
  if (!hasScope(actor, scope)) {
    throw new AuthorizationError(`An interrupt of kind '${kind}' is answered by an API key with the scope '${scope}'`);
  }
  if (by === 'other' && actor.id === startedBy) {
    const message = `This API key started run '${runId}', and its agent wants another one to answer: use a key with the scope '${scope}' that did not`;
    throw new AuthorizationError(message);
  }
}
