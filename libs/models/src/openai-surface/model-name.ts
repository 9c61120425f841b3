import { AppError, type ModelReference } from '@guildhall/sdk';

/** What a name in `model` stands for. */
export type NamedModel =
  | { readonly kind: 'gateway'; readonly reference: ModelReference }
  | { readonly kind: 'agent'; readonly agentName: string };

const AGENT = 'agent/';

/** `default`, `<provider>/<model>` (whose name may have slashes of its own), or `agent/<name>`. Throws `model_not_found`. */
export function namedModel(name: string): NamedModel {
  if (name === 'default') return { kind: 'gateway', reference: { route: 'default' } };
  if (name.startsWith(AGENT)) return { kind: 'agent', agentName: name.slice(AGENT.length) };
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) throw modelNotFound(name);
  return { kind: 'gateway', reference: { provider: name.slice(0, slash), name: name.slice(slash + 1) } };
}

export function modelNotFound(name: string): AppError {
  const message =
    `There is no model '${name}': use "default", "<provider>/<model>" or "agent/<name>"; ` +
    'GET /openai/v1/models lists them';
  return new AppError('not_found', 'model_not_found', message);
}
