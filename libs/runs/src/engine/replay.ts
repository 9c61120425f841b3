import { isDeepStrictEqual } from 'node:util';
import type { StepKind, StepStatus } from '../commit/run-progress.statement.js';
import type { StoredError } from '../run.js';
import { NondeterministicError } from './control.js';
import type { StepUsage } from './step-usage.js';
import { OUTCOME_UNKNOWN } from './unknown-outcome.js';

export interface RecordedStep {
  readonly key: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: StoredError | null;
  readonly usage: StepUsage | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/** What the agent's function asks for now, at the place where `key` was asked for before. */
export interface AskedStep {
  readonly key: string;
  readonly kind: StepKind;
  readonly name: string;
  /** Compared with what was recorded, where another input would be another effect. */
  readonly boundInput?: unknown;
}

export type Replay =
  | { readonly kind: 'run'; readonly attempt: number }
  | { readonly kind: 'answer'; readonly step: RecordedStep }
  /** It was begun, and nobody knows whether it happened. */
  | { readonly kind: 'interrupted'; readonly attempt: number };

/** Decides whether a step answers from the record or runs. Throws when the record is of something else. */
export function replayStep(recorded: RecordedStep | undefined, asked: AskedStep): Replay {
  if (!recorded) return { kind: 'run', attempt: 1 };
  // It answered nothing, so the function cannot have gone another way because of it.
  if (recorded.status === 'superseded') return { kind: 'run', attempt: recorded.attempt + 1 };
  if (!isSameStep(recorded, asked)) {
    throw new NondeterministicError(
      `Step ${asked.key} was ${recorded.kind} '${recorded.name}' and is now ${asked.kind} '${asked.name}': the agent's code or its version must be the one the run began with`,
    );
  }
  if (asked.boundInput !== undefined && !isDeepStrictEqual(asPlainJson(asked.boundInput), recorded.input)) {
    throw new NondeterministicError(
      `Step ${asked.key}, ${asked.kind} '${asked.name}', is asked for with another input`,
    );
  }
  const unknown = recorded.status === 'running' || recorded.error?.code === OUTCOME_UNKNOWN;
  return unknown ? { kind: 'interrupted', attempt: recorded.attempt } : { kind: 'answer', step: recorded };
}

/** Which model answers is a setting of the agent, which a retry with another version may change. */
function isSameStep(recorded: RecordedStep, asked: AskedStep): boolean {
  if (recorded.kind !== asked.kind) return false;
  return recorded.name === asked.name || asked.kind === 'model';
}

const asPlainJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
