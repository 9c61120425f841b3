import { SetMetadata } from '@nestjs/common';
import type { Logger, RequestContext } from '@guildhall/sdk';
import { HandleErrors } from './handle-errors.decorator.js';
import { firstSight, functionOf } from './logged-errors.js';

const lines: { fields: Record<string, unknown>; message?: string }[] = [];
const logger = {
  error: (fields: object, message?: string) => void lines.push({ fields: fields as never, message }),
} as Logger;
const ctx = { logger } as RequestContext;

class Baker {
  @HandleErrors()
  bake(_ctx: RequestContext, error?: unknown): string {
    if (error !== undefined) throw error;
    return 'bread';
  }

  @HandleErrors(TypeError)
  async mix(_ctx: RequestContext, error?: unknown): Promise<string> {
    await Promise.resolve();
    if (error !== undefined) throw error;
    return 'dough';
  }

  @HandleErrors()
  @SetMetadata('kept', true)
  inner(ctx: RequestContext, error: unknown) {
    return this.bake(ctx, error);
  }
}

describe('HandleErrors', () => {
  const baker = new Baker();
  beforeEach(() => void (lines.length = 0));

  it('lets results through', async () => {
    expect(baker.bake(ctx)).toBe('bread');
    await expect(baker.mix(ctx)).resolves.toBe('dough');
    expect(lines).toEqual([]);
  });

  it('logs function, message and stack once, however many layers the error passes, and rethrows it', () => {
    const error = new Error('no flour');
    expect(() => baker.inner(ctx, error)).toThrow(error);
    expect(lines).toEqual([
      { fields: { function: 'Baker.bake', err: error }, message: 'Error in Baker.bake: no flour' },
    ]);
    expect(firstSight(error)).toBe(false);
  });

  it('logs only the types it was given', async () => {
    await expect(baker.mix(ctx, new RangeError('other'))).rejects.toThrow('other');
    expect(lines).toEqual([]);
    await expect(baker.mix(ctx, new TypeError('mine'))).rejects.toThrow('mine');
    expect(lines[0]?.message).toBe('Error in Baker.mix: mine');
  });

  it('survives what is no Error, and keeps the metadata of other decorators', () => {
    expect(() => baker.bake(ctx, 'words')).toThrow('words');
    expect(lines[0]).toMatchObject({ fields: { err: expect.any(Error) }, message: 'Error in Baker.bake: words' });
    expect(Reflect.getMetadata('kept', Baker.prototype.inner)).toBe(true);
  });

  it('works without a context', () => {
    class Alone {
      @HandleErrors(TypeError)
      run(): void {
        throw new RangeError('x');
      }
    }
    expect(() => new Alone().run()).toThrow('x');
  });
});

describe('functionOf', () => {
  it('names the topmost frame of our own', () => {
    const error = new Error('x');
    error.stack =
      'Error: x\n    at node:internal/x:1:1\n    at Object.query (/a/node_modules/pg/x.js:1:2)\n    at async RunService.start (/a/run.service.ts:3:4)';
    expect(functionOf(error)).toBe('RunService.start');
    expect(functionOf('x')).toBeUndefined();
  });
});
