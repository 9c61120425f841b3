import { Logger, type LoggerService } from '@nestjs/common';
import { Track } from './track.decorator.js';

class Work {
  private readonly factor = 2;

  @Track('work.double', (value: number) => ({ value }))
  double(value: number): Promise<number> {
    return Promise.resolve(value * this.factor);
  }

  @Track('work.now', { part: 'clock' })
  now(fail: boolean): string {
    if (fail) throw new Error('no clock');
    return 'now';
  }

  @Track('work.fail')
  fail(): Promise<never> {
    return Promise.reject(new Error('no luck'));
  }
}

describe('@Track', () => {
  const lines: [string, Record<string, unknown>, unknown][] = [];
  beforeAll(() => {
    const write = (level: string) => (fields: Record<string, unknown>, message: unknown) =>
      void lines.push([level, fields, message]);
    Logger.overrideLogger({ log: write('log'), warn: write('warn'), error: write('error') } as LoggerService);
  });
  beforeEach(() => void lines.splice(0));
  afterAll(() => Logger.overrideLogger(false));

  it('logs operation, duration, outcome and fields of a success, and keeps `this` and the result', async () => {
    expect(await new Work().double(21)).toBe(42);
    expect(lines).toEqual([
      [
        'log',
        { operation: 'work.double', outcome: 'success', value: 21, durationMs: expect.any(Number) },
        'Operation completed',
      ],
    ]);
  });

  it('logs a failure too, and passes it on', async () => {
    await expect(new Work().fail()).rejects.toThrow('no luck');
    expect(() => new Work().now(true)).toThrow('no clock');
    expect(lines.map(([level, { operation, outcome }]) => [level, operation, outcome])).toEqual([
      ['warn', 'work.fail', 'failure'],
      ['warn', 'work.now', 'failure'],
    ]);
  });

  it('works on methods that are not asynchronous', () => {
    expect(new Work().now(false)).toBe('now');
    expect(lines[0]![1]).toMatchObject({ operation: 'work.now', part: 'clock', outcome: 'success' });
  });
});
