import type { IncomingHttpHeaders } from 'node:http';

/** A tool call as the model makes it; a string in `arguments` is sent as it is, so that it may be broken JSON. */
export interface FakeToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: Record<string, unknown> | string;
}

/** What the model answers to one request. */
export type FakeReply =
  /** A complete answer; streamed word by word when the request asks for a stream. */
  | {
      readonly text?: string;
      /** What the model thinks aloud. */
      readonly reasoning?: string;
      /** Ends the body in the middle of the bytes of this character, which must stand in it. */
      readonly brokenAt?: string;
      readonly toolCalls?: readonly FakeToolCall[];
      readonly usage?: FakeUsage;
      readonly finishReason?: string;
      /** Holds the whole answer until it settles. */
      readonly after?: Promise<unknown>;
    }
  /**
   * A stream, piece by piece; a promise among the pieces holds the stream until it settles. `end` says how it ends:
   * properly, silent with the socket open, cut, closed without the finish marker, or in an error that says `message`.
   */
  | {
      readonly chunks: readonly (string | Promise<unknown>)[];
      readonly end?: 'finish' | 'stall' | 'cut' | 'no-finish' | 'error';
      readonly message?: string;
      readonly usage?: FakeUsage;
    }
  /** An HTTP failure with a vendor's error body. */
  | {
      readonly status: number;
      readonly message?: string;
      readonly retryAfter?: number | string;
      readonly headers?: FakeHeaders;
    }
  /** Takes the request and never answers. */
  | { readonly hang: true }
  /** Closes the connection without an answer. */
  | { readonly drop: true }
  /** This body, whatever it is, with status 200 or another. */
  | { readonly raw: string; readonly status?: number; readonly contentType?: string; readonly headers?: FakeHeaders }
  /** One event of so many bytes, as fast as the client takes them; `onSent` learns how many left before it hung up. */
  | { readonly flood: number; readonly onSent?: (bytes: number) => void }
  /**
   * This again and again until the client hangs up, as it is or as what the model says; `onSent` learns how much left
   * before.
   */
  | { readonly endless: string; readonly spoken?: true; readonly onSent?: (bytes: number) => void }
  /** The answer to a request for embeddings. */
  | { readonly embeddings: readonly (readonly number[])[]; readonly usage?: FakeUsage }
  /** The answer to audio: what was said, and what else the vendor tells of it. */
  | { readonly transcript: { readonly text: string; readonly [key: string]: unknown } }
  /** Speech, piece by piece; a promise among the pieces holds it until it settles. `end: 'cut'` breaks it off. */
  | { readonly audio: readonly (Uint8Array | Promise<unknown>)[]; readonly end?: 'finish' | 'cut' };

export type FakeHeaders = Readonly<Record<string, string>>;

export interface FakeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The part of the input that the vendor had in its cache. */
  readonly cachedTokens?: number;
  /** The part of the input that the vendor put into its cache; for vendors that tell. */
  readonly cacheWriteTokens?: number;
  /** The part of the output that went into thinking. */
  readonly reasoningTokens?: number;
}

/** A file of a form as the model got it. */
export interface FakeModelFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A request as the model got it; a form's fields stand in `body`, its files too, as `FakeModelFile`. */
export interface FakeModelRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly stream?: boolean;
    readonly messages: readonly { role: string; content: unknown; tool_calls?: unknown[]; tool_call_id?: string }[];
    readonly tools?: readonly { function: { name: string; description?: string; parameters: unknown } }[];
    readonly [key: string]: unknown;
  };
}

export type FakeScript = FakeReply | ((request: FakeModelRequest) => FakeReply);
