import type { Dispatcher } from 'undici';
import { ReceivedBody } from './received-body.js';

/** An answer's head, and its body yet to be read. */
export interface Received {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: ReceivedBody;
}

/** Sends a request and resolves at the head of the answer, with no stream in between: at half the cost of `request`. */
export function send(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | null,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    let running: Dispatcher.DispatchController | undefined;
    let body: ReceivedBody | undefined;
    const onAbort = () => {
      const reason = signal!.reason as Error;
      running?.abort(reason);
      // One that waits for a free connection has nothing to abort yet.
      fail(reason);
    };
    const done = () => signal?.removeEventListener('abort', onAbort);
    const fail = (error: Error) => {
      done();
      body?.end(error);
      reject(error);
    };
    signal?.addEventListener('abort', onAbort);
    dispatcher.dispatch(options, {
      onRequestStart(controller) {
        running = controller;
        if (signal?.aborted) controller.abort(signal.reason as Error);
      },
      onResponseStart(controller, statusCode, headers) {
        if (statusCode < 200) return;
        body = new ReceivedBody(controller);
        resolve({ statusCode, headers, body });
      },
      onResponseData: (_controller, piece) => body!.take(piece),
      onResponseEnd() {
        done();
        body!.end();
      },
      onResponseError: (_controller, error) => fail(error),
    });
  });
}
