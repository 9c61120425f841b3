import pg from 'pg';
import { type LogFields, TALLY } from '../telemetry/log-context.js';

/** A statement that was answered, by a result or an error. */
export interface AnsweredQuery {
  readonly statement: string;
  readonly ms: number;
  /** Of whoever sent it. */
  readonly fields: LogFields | undefined;
}

export type OnAnswer = (query: AnsweredQuery) => void;

type Callback = (...result: unknown[]) => void;

/** A connection that counts its statements for the request that holds it, and tells how long each answer took. */
export class TalliedClient extends pg.Client {
  holder: LogFields | undefined;
  onAnswer: OnAnswer | undefined;

  override query(...args: never[]): never {
    const tally = this.holder?.[TALLY];
    if (tally) tally.queries++;
    return this.timed(args) as never;
  }

  /** `pg` takes a callback as the last argument, or answers with a promise. */
  private timed(args: unknown[]): unknown {
    const { onAnswer, holder: fields } = this;
    if (!onAnswer) return super.query.apply(this, args as never);
    const sent = performance.now();
    const end = () => onAnswer({ statement: statementOf(args[0]), ms: performance.now() - sent, fields });
    const last = args.at(-1);
    if (typeof last !== 'function') {
      const answer: unknown = super.query.apply(this, args as never);
      if (answer instanceof Promise) answer.then(end, end);
      return answer;
    }
    const told: Callback = (...result) => {
      end();
      (last as Callback)(...result);
    };
    return super.query.apply(this, [...args.slice(0, -1), told] as never);
  }
}

/** The name of a prepared statement says more than its text. */
function statementOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const { name, text } = (query ?? {}) as { readonly name?: string; readonly text?: string };
  return name ?? text ?? '';
}
