import type { SpeechCall, SpeechReply, TranscriptionCall, TranscriptionReply } from './audio.js';
import type { RequestContext } from './request-context.js';
import type { Citation, Passage } from './retriever.js';
import type { ToolCall, ToolSpec } from './tool.js';
import { contribute } from './contribution.js';

/** Non-text content of a message; text itself stands in `text`. */
export type ContentPart =
  | { readonly type: 'image'; readonly mediaType: string; readonly url?: string; readonly data?: string }
  | {
      readonly type: 'file';
      readonly mediaType: string;
      readonly name?: string;
      readonly url?: string;
      readonly data?: string;
    };

export type ModelMessage =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string; readonly parts?: readonly ContentPart[] }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly tool: string;
      readonly output: unknown;
      readonly failed?: boolean;
    };

/** `route` picks among ranked providers; `provider` + `name` pin one model. */
export interface ModelReference {
  readonly route?: string;
  readonly provider?: string;
  readonly name?: string;
  readonly fallback?: boolean;
  readonly fallbackToBuiltin?: boolean;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  readonly preferences?: Record<string, number>;
}

export interface ModelRequest {
  readonly model: ModelReference;
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSpec[];
  /**
   * What the answer may cite, numbered from 1 in this order. Providers without retrieval sense get it as text. Empty: the
   * documents hold nothing on the question. Absent: there are no documents, and a model is told nothing of any.
   */
  readonly knowledge?: readonly Passage[];
  /** JSON Schema the reply must satisfy. */
  readonly responseSchema?: Record<string, unknown>;
  /** `trusted`: links to hosts that only the model names are removed from its reply, which is told as a whole. */
  readonly links?: LinkPolicy;
}

/** What becomes of links to hosts that only the model names: all are told as `untrustedLinks`; `trusted` removes them. */
export type LinkPolicy = 'any' | 'trusted';

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** The part of `inputTokens` that the vendor put into its cache; absent where it does not charge for that apart. */
  readonly cacheWriteTokens?: number;
  /** The part of `outputTokens` that the model spent on thinking; absent where the vendor does not say. */
  readonly reasoningTokens?: number;
  /** Micro-USD, an integer. */
  readonly costMicroUsd: number;
}

/** What a vendor counted; nobody has priced it yet. */
export type VendorUsage = Omit<TokenUsage, 'costMicroUsd'>;

export const NO_USAGE: TokenUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costMicroUsd: 0 };

export interface ModelReply {
  readonly text: string;
  /** What the model thought aloud before it answered; never part of `text`, and absent where it shows nothing. */
  readonly reasoning?: string;
  readonly toolCalls: readonly ToolCall[];
  readonly citations: readonly Citation[];
  readonly finishReason: 'stop' | 'tool-calls' | 'length' | 'content-filter';
  readonly usage: TokenUsage;
  readonly provider: string;
  readonly model: string;
  /** Facts about how the answer came to be, e.g. `{ mode: "extractive" }`; becomes `output.data`. */
  readonly data?: Record<string, unknown>;
}

/** What happens while a reply is made, in order. A `restart` voids the deltas before it: another attempt took over. */
export type ModelSignal =
  | { readonly type: 'selected'; readonly provider: string; readonly model: string }
  | { readonly type: 'failed-over'; readonly from: string; readonly to: string; readonly reason: string }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'restart' }
  /** A failed attempt cost this, as far as its vendor said so. The reply's own usage does not include it. */
  | { readonly type: 'spent'; readonly provider: string; readonly model: string; readonly usage: TokenUsage };

/** Whom a model call is for, as far as its caller knows: `/usage` and budgets go by it. */
export interface CallAttribution {
  readonly agentId?: string;
  readonly runId?: string;
  readonly threadId?: string;
  /** The end user, as the caller names them. */
  readonly userId?: string;
}

/** A limit on money that the caller of the gateway keeps itself. */
export interface Allowance {
  /**
   * Sets aside what a call may cost at most, before it is made; waits while only what others have set aside stands in
   * the way. Rejects with `budget_exceeded` when the limit is spent.
   */
  reserve(microUsd: number): Promise<{
    /** Replaces what was set aside by what the call cost. Once for each reservation. */
    settle(costMicroUsd: number): void;
  }>;
}

export interface GenerateOptions {
  /** Default: streams when there is somebody to tell of it. */
  readonly stream?: boolean;
  readonly attribution?: CallAttribution;
  /** Asked before every attempt, besides the tenant's budgets. */
  readonly allowance?: Allowance;
}

/** Implemented by the models lib: picks a provider, calls it, fails over, counts the cost. */
export interface ModelGateway {
  /**
   * `onSignal` present: the reply is streamed and each delta is handed on as it comes. With `stream: false` it is told
   * only who was selected, who failed over and what that cost, and the text comes whole.
   */
  generate(
    ctx: RequestContext,
    request: ModelRequest,
    onSignal?: (signal: ModelSignal) => void,
    options?: GenerateOptions,
  ): Promise<ModelReply>;
}

export const MODEL_GATEWAY = Symbol.for('guildhall.model-gateway');

/** Implemented by the models lib: what others name providers by. */
export interface ProviderDirectory {
  /** Those of `ids` that are no provider which this tenant may use, in the order given. */
  missing(ctx: RequestContext, ids: readonly string[]): Promise<readonly string[]>;
}

export const PROVIDER_DIRECTORY = Symbol.for('guildhall.provider-directory');

export interface ProviderModel {
  readonly name: string;
  readonly contextTokens?: number;
  /** Micro-USD per million tokens. */
  readonly inputPricePerMTok?: number;
  readonly cachedInputPricePerMTok?: number;
  readonly cacheWritePricePerMTok?: number;
  readonly outputPricePerMTok?: number;
}

/** One key at one address of a provider; the load is spread over all of them. */
export interface ProviderEndpoint {
  readonly baseUrl?: string;
  readonly apiKey?: string;
}

/** Id of the provider that needs no key and no network. It quotes documents and has no words of its own. */
export const BUILTIN_PROVIDER = 'builtin';

/** One configured provider: a vendor, an endpoint and its models. `apiKey` is in the clear only in memory. */
export interface ProviderConfig {
  readonly id: string;
  readonly kind: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  /** More than one key or address; what one of them leaves out is the provider's own. Never given to `connect`. */
  readonly endpoints?: readonly ProviderEndpoint[];
  /** Whose address `baseUrl` is: a tenant's passes the address guard of the outbound client. */
  readonly trust?: 'tenant' | 'operator';
  readonly priority?: number;
  readonly models: readonly ProviderModel[];
  /** What all its calls of one day (UTC) may cost, in micro-USD. Absent: no limit of its own. */
  readonly budgetMicroUsdPerDay?: number;
  readonly timeouts?: {
    readonly connectMs?: number;
    readonly firstTokenMs?: number;
    readonly betweenTokensMs?: number;
    readonly totalMs?: number;
  };
}

/** What a client tells of a call while it lasts, so that one that fails is accounted for as well. */
export interface CallObserver {
  /** The vendor has begun to answer, with whatever: from here on it charges. */
  onBegin?(): void;
  /** The vendor has counted. Called as soon as it says so; when it says more later, the last word counts. */
  onUsage?(usage: VendorUsage): void;
}

/** One call to one model of one provider; no routing any more. */
export interface ModelCall extends Omit<ModelRequest, 'model'>, CallObserver {
  readonly model: string;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  readonly signal: AbortSignal;
}

/** A vendor's answer before routing and pricing know of it. */
export type ClientReply = Omit<ModelReply, 'provider' | 'model' | 'usage'> & {
  /** Absent where the vendor did not count: never an estimate, for it becomes somebody's bill. */
  readonly usage?: VendorUsage;
};

/** Texts as vectors, and what they cost to turn into them. */
export interface EmbeddingReply {
  /** One for each text, in order. */
  readonly vectors: readonly (readonly number[])[];
  readonly usage?: { readonly inputTokens: number };
}

/** A request that is already in the format of OpenAI's chat completions. */
export interface ForwardCall extends CallObserver {
  readonly model: string;
  /** As the caller sent it; `model`, and where it streams `stream_options`, are replaced. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export interface ForwardReply {
  readonly usage?: VendorUsage;
  /** The answer as the vendor wrote it; empty where it was streamed. */
  readonly text: string;
}

/**
 * Takes whole events of a stream as the vendor wrote them, none before the first token; the pieces are the taker's to
 * keep. A promise asks to wait for it before the next piece.
 */
export type OnBytes = (bytes: Uint8Array) => void | Promise<void>;

/** The connection to one configured provider. */
export interface ModelClient {
  /**
   * `onDelta` present: stream, and hand on each piece of text as it comes; with `onReasoning`, what the model thinks
   * aloud too. The reply holds all of it again.
   */
  generate(
    call: ModelCall,
    onDelta?: (text: string) => void,
    onReasoning?: (text: string) => void,
  ): Promise<ClientReply>;
  /** The models the endpoint offers, best guess first; absent where the vendor cannot be asked. */
  listModels?(signal: AbortSignal): Promise<readonly ProviderModel[]>;
  /**
   * Passes a request on as it is, and the answer back; absent where the vendor speaks another language than OpenAI's.
   * With `onBytes` the answer is streamed; the promise resolves at its end, so what is thrown then may come after text.
   */
  forward?(call: ForwardCall, onBytes?: OnBytes): Promise<ForwardReply>;
  /** Absent where the vendor has no embeddings. */
  embed?(model: string, texts: readonly string[], signal: AbortSignal): Promise<EmbeddingReply>;
  /** The same for texts that the caller cut into the model's tokens; absent where the vendor takes only texts. */
  embedTokens?(model: string, tokens: readonly (readonly number[])[], signal: AbortSignal): Promise<EmbeddingReply>;
  /** Speech as text; absent where the vendor cannot. */
  transcribe?(call: TranscriptionCall): Promise<TranscriptionReply>;
  /**
   * Text as speech, handed on piece by piece as it comes; absent where the vendor cannot. Resolves at its end, so what is
   * thrown then may come after audio.
   */
  speak?(call: SpeechCall, onAudio: (bytes: Uint8Array) => void | Promise<void>): Promise<SpeechReply>;
}

/** Turns a configuration of its kind into a connection. Does no I/O. */
export interface ModelProviderHandler {
  /**
   * `fetch` is the way out to this endpoint: pooled, and for a tenant's `baseUrl` past the address guard. It has no time
   * limit beyond that for the connection; `timeouts` and the signal of each call are the client's to keep.
   */
  connect(config: ProviderConfig, fetch: typeof globalThis.fetch): ModelClient;
}

/** Contributes a provider kind, e.g. `\@ModelProvider({ kind: 'openai-compatible' })`. */
export const ModelProvider = (options: { readonly kind: string; readonly description: string }): ClassDecorator =>
  contribute('model-provider', options.kind, options);
