import { z } from 'zod';
import { type ToolContext, type ToolOptions, contributionOf } from '@guildhall/sdk';
import { CurrentTime } from './current-time.tool.js';

const { input } = contributionOf(CurrentTime)!.options as ToolOptions;
const tool = new CurrentTime(() => Date.UTC(2026, 10, 21, 23, 30));
const tell = (value: unknown, ctx: Partial<ToolContext> = {}) =>
  tool.execute(input.parse(value) as { timeZone?: string }, ctx as ToolContext);

describe('current-time', () => {
  it('is in UTC by default', () => {
    expect(tell({})).toEqual({
      iso: '2026-11-21T23:30:00.000Z',
      timeZone: 'UTC',
      local: expect.stringMatching(/^Saturday,? 21 November 2026 at 23:30:00 UTC$/),
    });
  });

  it('shows the local date of another time zone', () => {
    expect(tell({ timeZone: 'Asia/Kolkata' }).local).toMatch(/Sunday,? 22 November 2026 at 05:00:00/);
  });

  it("is where the end user is, in the user's language, unless another place is asked about", () => {
    const user = { timeZone: 'Asia/Tokyo', locale: 'de-DE' };
    expect(tell({}, user)).toMatchObject({
      timeZone: 'Asia/Tokyo',
      local: expect.stringMatching(/Sonntag, 22. November/),
    });
    expect(tell({ timeZone: 'America/Lima' }, user)).toMatchObject({ timeZone: 'America/Lima' });
  });

  it('refuses what is no time zone, with an example', () => {
    const parsed = input.safeParse({ timeZone: 'Mars/Olympus' });
    expect(z.prettifyError(parsed.error!)).toContain("such as 'Europe/Berlin'");
  });
});
