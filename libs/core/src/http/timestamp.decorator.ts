import { ValidateBy } from 'class-validator';

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** A moment as RFC 3339 writes it. What ISO 8601 allows beyond that (weeks, a year alone, no zone) Postgres refuses or guesses. */
export function isTimestamp(value: unknown): value is string {
  const [, year, month, day] = (typeof value === 'string' && TIMESTAMP.exec(value)) || [];
  if (year === undefined || year === '0000') return false;
  // A day that the calendar lacks is moved into the next month.
  const exists = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  // A zone may move the ends of the calendar to years that are not written with four digits.
  const utcYear = new Date(value as string).getUTCFullYear();
  return exists && utcYear >= 1 && utcYear <= 9999;
}

export const IsTimestamp = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isTimestamp', validator: { validate: isTimestamp } },
    { message: '$property must be a time with date, seconds and zone, such as 2026-11-21T09:30:00Z' },
  );
