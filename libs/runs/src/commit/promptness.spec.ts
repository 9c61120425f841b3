import { Promptness } from './promptness.js';

describe('promptness', () => {
  afterEach(() => jest.useRealTimers());

  const forever = () => new Promise<never>(() => {});

  it('is there before anything was done', () => {
    expect(new Promptness(50).isPrompt).toBe(true);
  });

  it('is lost by a failure, which is passed on, and regained by the next success', async () => {
    const promptness = new Promptness(50);
    await expect(promptness.watch(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(promptness.isPrompt).toBe(false);
    expect(await promptness.watch(async () => 7)).toBe(7);
    expect(promptness.isPrompt).toBe(true);
  });

  it('is lost while something takes longer than it may', () => {
    jest.useFakeTimers();
    const promptness = new Promptness(50);
    void promptness.watch(forever);
    jest.advanceTimersByTime(49);
    expect(promptness.isPrompt).toBe(true);
    jest.advanceTimersByTime(1);
    expect(promptness.isPrompt).toBe(false);
  });
});
