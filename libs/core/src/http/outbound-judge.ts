import type { Dispatcher } from 'undici';

/** Sees each piece of an answer before its reader does; what it returns is why the rest is refused. */
export type Judge = (piece: Uint8Array) => Error | undefined;

/** Chooses, by the head of an answer, who judges its body. May throw to refuse it at once. */
export type ChooseJudge = (answer: {
  readonly url: URL;
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
}) => Judge;
