import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
import { isTimestamp } from '@guildhall/core';
import { dayOf } from './usage-tally.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

export interface UsagePeriod {
  /** First and last day, UTC, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

/** The days that were asked for; thirty up to today, where nothing else was. */
export function usagePeriod({ from, to }: Partial<UsagePeriod>, now: number): UsagePeriod {
  const faults: ErrorDetail[] = [];
  const last = to === undefined ? now : timeOf('to', to, faults);
  const first = from === undefined ? last - (DEFAULT_DAYS - 1) * DAY_MS : timeOf('from', from, faults);
  if (faults.length === 0 && dayOf(first) > dayOf(last)) {
    faults.push({ path: 'from', code: 'invalid_value', message: 'from must not be later than to' });
  }
  if (faults.length > 0) throw new ValidationError('The period is not valid', faults);
  return { from: dayOf(first), to: dayOf(last) };
}

function timeOf(path: string, text: string, faults: ErrorDetail[]): number {
  const time = Date.parse(text);
  // `2026-02-30` would be read as the second of March.
  const exists = text.length > 10 ? isTimestamp(text) : !Number.isNaN(time) && dayOf(time) === text;
  if (!exists) faults.push({ path, code: 'invalid_value', message: `${path} is no day of the calendar` });
  return exists ? time : 0;
}
