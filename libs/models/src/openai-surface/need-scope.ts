import { AuthorizationError, type RequestContext, hasScope } from '@guildhall/sdk';
import { namedModel } from './model-name.js';

/** Whose scopes a model is under: an agent's answer is a run. */
export function areaOf(model: string): 'runs' | 'models' {
  return namedModel(model).kind === 'agent' ? 'runs' : 'models';
}

/** What is needed depends on what the request names, so no decorator can say it. */
export function need(ctx: RequestContext, scope: string): void {
  if (hasScope(ctx.actor, scope)) return;
  throw new AuthorizationError(`This model needs an API key with the scope '${scope}'`);
}
