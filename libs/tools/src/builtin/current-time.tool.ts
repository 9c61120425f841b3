import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { Tool, type ToolHandler } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../clock.js';

const Input = z.strictObject({
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, { error: "Not a time zone: send an IANA name such as 'Europe/Berlin' or 'UTC'" })
    .default('UTC')
    .describe("IANA time zone, e.g. 'Europe/Berlin'. Default: UTC"),
});

/** What the clock shows, in a time zone. */
@Tool({
  name: 'current-time',
  description:
    'The current date and time, in UTC and as local text of a time zone. Use it whenever the answer depends on today.',
  input: Input,
  effect: 'read',
})
export class CurrentTime implements ToolHandler<z.output<typeof Input>> {
  constructor(@Inject(CLOCK) private readonly now: Clock) {}

  execute({ timeZone }: z.output<typeof Input>) {
    const now = new Date(this.now());
    const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone }).format(now);
    return { iso: now.toISOString(), timeZone, local };
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false; // RangeError is how Intl says that it knows no such zone
  }
}
