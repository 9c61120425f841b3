/** Tokens, where the vendor counts them: many charge by the minute, or by the character. */
export interface AudioUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
}

/** Speech that is to become text. */
export interface TranscriptionCall {
  readonly model: string;
  readonly audio: { readonly bytes: Uint8Array; readonly mediaType: string; readonly fileName: string };
  /** Of the speech, as ISO 639-1, where the caller knows it. */
  readonly language?: string;
  /** Words to expect: names, what was said before. */
  readonly prompt?: string;
  readonly temperature?: number;
  /** Of what the reply tells the times; absent: the text alone is wanted. */
  readonly times?: readonly ('segment' | 'word')[];
  readonly signal: AbortSignal;
}

/** A piece of the speech, in seconds from its beginning. */
export interface TimedText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface TranscriptionReply {
  readonly text: string;
  /** As the vendor calls it. */
  readonly language?: string;
  readonly durationSeconds?: number;
  readonly segments?: readonly TimedText[];
  readonly words?: readonly TimedText[];
  readonly usage?: AudioUsage;
}

export const SPEECH_FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;
export type SpeechFormat = (typeof SPEECH_FORMATS)[number];

/** Text that is to become speech. */
export interface SpeechCall {
  readonly model: string;
  readonly text: string;
  /** As the vendor calls it; absent: its default. */
  readonly voice?: string;
  /** How to speak. */
  readonly instructions?: string;
  /** 1 is as people speak. */
  readonly speed?: number;
  readonly format: SpeechFormat;
  readonly signal: AbortSignal;
}

export interface SpeechReply {
  readonly usage?: AudioUsage;
}
