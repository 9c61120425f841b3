import { setImmediate as nextTurn } from 'node:timers/promises';

/** Characters that are made in one turn of the event loop: less than a millisecond of it. */
const SLICE = 128 * 1024;

/** An answer in the envelope whose data is a list. */
export interface ListAnswer {
  readonly success: true;
  readonly data: readonly unknown[];
  readonly meta: object;
}

export const isListAnswer = (answer: unknown): answer is ListAnswer =>
  Array.isArray((answer as Partial<ListAnswer> | undefined)?.data) && (answer as ListAnswer).meta !== undefined;

/** The answer as JSON; where it is long, others have their turn between its slices. */
export function listJson({ data, meta }: ListAnswer): string | Promise<string> {
  const making = itemsJson(data);
  const whole = (items: string) => `{"success":true,"data":[${items}],"meta":${JSON.stringify(meta)}}`;
  const { done, value } = making.next();
  return done ? whole(value) : rest(making).then(whole);
}

async function rest(making: Generator<undefined, string>): Promise<string> {
  for (;;) {
    await nextTurn();
    const { done, value } = making.next();
    if (done) return value;
  }
}

/** Stops after each slice. */
function* itemsJson(items: readonly unknown[]): Generator<undefined, string> {
  let json = '';
  let sliced = 0;
  for (const [at, item] of items.entries()) {
    json += `${at === 0 ? '' : ','}${JSON.stringify(item) ?? 'null'}`;
    if (json.length - sliced < SLICE || at === items.length - 1) continue;
    sliced = json.length;
    yield;
  }
  return json;
}
