import { Logger, type LoggerService } from '@nestjs/common';
import { ValidationError } from '@guildhall/sdk';
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

  it('says of an error of ours its code and words, and shows the stack of any other once', async () => {
    const fault = new TypeError('a is undefined');
    const failing = Track('outer');
    class Nested {
      refuse(): Promise<never> {
        return Promise.reject(new ValidationError('no such size'));
      }
      inner(): Promise<never> {
        return Promise.reject(fault);
      }
      outer(): Promise<never> {
        return this.inner();
      }
    }
    for (const name of ['refuse', 'inner', 'outer'] as const) {
      const descriptor = Object.getOwnPropertyDescriptor(Nested.prototype, name)!;
      Object.defineProperty(Nested.prototype, name, failing(Nested.prototype, name, descriptor) as PropertyDescriptor);
    }
    await expect(new Nested().refuse()).rejects.toThrow('no such size');
    await expect(new Nested().outer()).rejects.toThrow(fault);
    const [refused, inner, outer] = lines.map(([, fields]) => fields);
    expect(refused).toMatchObject({ code: 'validation_failed', reason: 'no such size' });
    expect(refused).not.toHaveProperty('err');
    expect(inner).toMatchObject({ err: fault });
    expect(outer).not.toHaveProperty('err');
  });

  it('works on methods that are not asynchronous', () => {
    expect(new Work().now(false)).toBe('now');
    expect(lines[0]![1]).toMatchObject({ operation: 'work.now', part: 'clock', outcome: 'success' });
  });
});
