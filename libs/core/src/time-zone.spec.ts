import { isTimeZone } from './time-zone.js';

describe('isTimeZone', () => {
  it.each(['Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'UTC'])('takes %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['Mars/Olympus', '+02:00', '-05', '', ' Europe/Berlin', 7, null, undefined])('refuses %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
