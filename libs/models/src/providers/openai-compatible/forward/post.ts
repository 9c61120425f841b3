import type { Dispatcher } from 'undici';
import { traceHeaders } from '@guildhall/core';
import type { Deadlines } from '../../ai-sdk/deadlines.js';

export type WireHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Takes an answer as it comes. A promise from `onData` holds the connection back until it settles. */
export interface Receiver {
  onHead(status: number, headers: WireHeaders): void;
  onData(bytes: Buffer): void | Promise<void>;
}

/** What ends a call before its answer does. */
export interface Limits {
  readonly signal: AbortSignal;
  readonly deadlines: Pick<Deadlines, 'signal' | 'expired' | 'onExpired'>;
}

/** Posts a body to the one address it was made for; resolves at the end of the answer. */
export type Post = (body: string, receiver: Receiver, limits: Limits) => Promise<void>;

/** The cheapest way: no stream, no response object, the socket's pieces as they are. */
export function postByDispatcher(dispatcher: Dispatcher, url: string, headers: Record<string, string>): Post {
  const { origin, pathname, search } = new URL(url);
  const options = {
    origin,
    path: pathname + search,
    method: 'POST',
    headersTimeout: 0,
    bodyTimeout: 0,
  } as const;
  return async (body, receiver, { signal, deadlines }) => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let running: Dispatcher.DispatchController | undefined;
    const stop = (reason: Error) => {
      running?.abort(reason);
      // One that waits for a free connection has nothing to abort yet.
      reject(reason);
    };
    const abort = () => stop(signal.reason as Error);
    signal.addEventListener('abort', abort);
    deadlines.onExpired = stop;
    dispatcher.dispatch(
      { ...options, headers: { ...headers, ...traceHeaders() }, body },
      {
        onRequestStart(controller) {
          running = controller;
          const reason = signal.aborted ? (signal.reason as Error) : deadlines.expired;
          if (reason) controller.abort(reason);
        },
        onResponseStart: (_controller, status, answered) => receiver.onHead(status, answered),
        onResponseData(controller, bytes) {
          const taken = receiver.onData(bytes);
          if (!taken) return;
          controller.pause();
          taken.then(
            () => controller.resume(),
            (error: Error) => controller.abort(error),
          );
        },
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    );
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
}

/** For addresses that a tenant chose: past the guard of the outbound client, redirects included. */
export function postByFetch(fetch: typeof globalThis.fetch, url: string, headers: Record<string, string>): Post {
  return async (body, receiver, limits) => {
    const signal = AbortSignal.any([limits.signal, limits.deadlines.signal]);
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    receiver.onHead(response.status, Object.fromEntries(response.headers));
    for await (const bytes of response.body ?? [])
      await receiver.onData(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  };
}
