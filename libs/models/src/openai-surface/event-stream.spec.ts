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
});
