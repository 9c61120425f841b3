import type { Citation, ClientReply, VendorUsage } from '@guildhall/sdk';
import type { Item } from './input-items.js';
import type { ResponseRequest } from './response-request.js';
import type { KeptResponse } from './response.js';

/** A request, and the conversation that it goes on with. */
export interface Asked {
  readonly request: ResponseRequest;
  /** The one it names as previous. */
  readonly previous: KeptResponse | undefined;
  /** All that was said before the request, oldest first. */
  earlier(): Promise<readonly Item[]>;
}

/** What a model or an agent answered. */
export interface Answered extends Pick<ClientReply, 'text' | 'reasoning' | 'toolCalls' | 'finishReason'> {
  readonly usage: VendorUsage;
  readonly citations: readonly Citation[];
  /** What OpenAI has no field for. */
  readonly guildhall: object;
  /** The run that answered, and its thread. */
  readonly run?: { readonly id: string; readonly threadId: string };
}

/** Is told of an answer while it is made. */
export interface Listener {
  reasoning(text: string): void;
  text(text: string): void;
}
