import { z } from 'zod';
import { type ToolOptions, contributionOf } from '@guildhall/sdk';
import { CurrentTime } from './current-time.tool.js';

const { input } = contributionOf(CurrentTime)!.options as ToolOptions;
const parse = (value: unknown) => input.parse(value) as { timeZone: string };
const tool = new CurrentTime(() => Date.UTC(2026, 10, 21, 23, 30));

describe('current-time', () => {
  it('is in UTC by default', () => {
    expect(tool.execute(parse({}))).toEqual({
      iso: '2026-11-21T23:30:00.000Z',
      timeZone: 'UTC',
      local: expect.stringMatching(/^Saturday,? 21 November 2026 at 23:30:00 UTC$/),
    });
  });

  it('shows the local date of another time zone', () => {
    expect(tool.execute(parse({ timeZone: 'Asia/Kolkata' })).local).toMatch(/Sunday,? 22 November 2026 at 05:00:00/);
  });

  it('refuses what is no time zone, with an example', () => {
    const parsed = input.safeParse({ timeZone: 'Mars/Olympus' });
    expect(z.prettifyError(parsed.error!)).toContain("such as 'Europe/Berlin'");
  });
});
