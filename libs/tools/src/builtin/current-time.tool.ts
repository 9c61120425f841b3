import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { isTimeZone } from '@guildhall/core';
import { Tool, type ToolContext, type ToolHandler } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../clock.js';

const Input = z.strictObject({
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, { error: "Not a time zone: send an IANA name such as 'Europe/Berlin' or 'UTC'" })
    .optional()
    .describe("IANA time zone of a place, e.g. 'Europe/Berlin'. Leave it out for the user's own"),
});

/** What the clock shows: where it was asked about, else where the end user is, else in UTC. */
@Tool({
  name: 'current-time',
  description:
    'The current date and time, in UTC and as local text of a time zone. Use it whenever the answer depends on today.',
  input: Input,
  effect: 'read',
})
export class CurrentTime implements ToolHandler<z.output<typeof Input>> {
  constructor(@Inject(CLOCK) private readonly now: Clock) {}

  execute(input: z.output<typeof Input>, ctx: ToolContext) {
    const now = new Date(this.now());
    const timeZone = input.timeZone ?? ctx.timeZone ?? 'UTC';
    const local = new Intl.DateTimeFormat(ctx.locale ?? 'en-GB', {
      dateStyle: 'full',
      timeStyle: 'long',
      timeZone,
    }).format(now);
    return { iso: now.toISOString(), timeZone, local };
  }
}
