import { systemClock } from './clock.js';

describe('the system clock', () => {
  it('moves forward while sleeping', async () => {
    const began = systemClock.now();
    await systemClock.sleep(1, new AbortController().signal);
    expect(systemClock.now()).toBeGreaterThan(began);
  });

  it('wakes with the reason of the abort', async () => {
    const reason = new Error('the run was cancelled');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const asleep = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
  });
});
