import { setImmediate as turn } from 'node:timers/promises';
import { EventStream } from './event-stream.js';

describe('EventStream', () => {
  it('lets the model wait for a client that reads slowly, and for none that is gone', async () => {
    const stream = new EventStream();
    let waited = 0;
    const fill = async () => {
      for (let i = 0; i < 10; i++) {
        const wait = stream.write(Buffer.alloc(64 * 1024));
        if (wait) waited++;
        await wait;
      }
    };
    const filling = fill();
    await stream.opened;
    await turn();
    expect(waited).toBe(1);
    for (let i = 0; i < 5; i++) {
      stream.readable.read();
      await turn();
    }
    expect(waited).toBeGreaterThan(1);
    stream.readable.destroy();
    await filling;
  });

  it('tells a fault that is no error of ours without its words', async () => {
    const stream = new EventStream();
    void stream.write(Buffer.from('data: {}\n\n'));
    stream.fail(new Error('SELECT secret'));
    const text = (await stream.readable.toArray()).join('');
    expect(text).toContain('"type":"server_error"');
    expect(text).not.toContain('SELECT');
  });

  describe('in silence', () => {
    const HEARTBEAT_MS = 15_000;
    const comments = (text: unknown) => String(text ?? '').match(/^: /gm)?.length ?? 0;

    beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
    afterEach(() => jest.useRealTimers());

    it('beats between events that are far apart, and not between those that are near', () => {
      const stream = new EventStream();
      void stream.write(Buffer.from('data: 1\n\n'));
      jest.advanceTimersByTime(HEARTBEAT_MS);
      expect(comments(stream.readable.read())).toBe(0);
      jest.advanceTimersByTime(HEARTBEAT_MS);
      expect(comments(stream.readable.read())).toBe(1);
      void stream.write(Buffer.from('data: 2\n\n'));
      expect(comments(stream.readable.read())).toBe(0);
      jest.advanceTimersByTime(HEARTBEAT_MS);
      expect(stream.readable.read()).toBeNull();
      stream.end();
      jest.advanceTimersByTime(10 * HEARTBEAT_MS);
      expect(stream.readable.read()).toBeNull();
    });

    it('sends no status before the first event, so that a failure has its own', async () => {
      const stream = new EventStream();
      jest.advanceTimersByTime(10 * HEARTBEAT_MS);
      expect(stream.isOpen).toBe(false);
      stream.fail(new Error('late'));
      await expect(stream.opened).rejects.toThrow('late');
    });

    it('opens where the first event may take long, and then tells failures as events', async () => {
      const stream = new EventStream({ opensSilent: true });
      jest.advanceTimersByTime(HEARTBEAT_MS);
      await stream.opened;
      stream.fail(new Error('late'));
      const text = (await stream.readable.toArray()).join('');
      expect(comments(text)).toBe(1);
      expect(text).toContain('"type":"server_error"');
    });

    it('piles no heartbeats up for a client that does not read', () => {
      const stream = new EventStream({ opensSilent: true });
      jest.advanceTimersByTime(100 * HEARTBEAT_MS);
      expect(comments(stream.readable.read())).toBe(1);
      stream.readable.destroy();
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});
