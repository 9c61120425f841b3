import { LogPace } from './log-pace.js';

describe('LogPace', () => {
  const clock = { at: 0 };
  const pace = () => new LogPace(() => clock.at);

  it('lets the first of each kind through', () => {
    const lines = pace();
    expect(lines.next('failed (503)')).toBe(0);
    expect(lines.next('failed (500)')).toBe(0);
  });

  it('leaves out what is repeated within a second, and then says how many those were', () => {
    clock.at = 0;
    const lines = pace();
    lines.next('failed');
    clock.at = 999;
    expect([lines.next('failed'), lines.next('failed')]).toEqual([undefined, undefined]);
    clock.at = 1000;
    expect(lines.next('failed')).toBe(2);
    clock.at = 2000;
    expect(lines.next('failed')).toBe(0);
  });

  it('keeps in mind no more than fifty kinds', () => {
    const lines = pace();
    for (let i = 0; i <= 50; i++) lines.next(`failed ${i}`);
    expect(lines.next('failed 0')).toBe(0);
  });
});
