import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { validationFailed } from '../errors/validation-faults.js';
import { IsMetadata } from './max-json-bytes.decorator.js';
import { Optional } from './optional.decorator.js';

class Thing {
  @Optional()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

const faultsOf = (metadata: unknown) => validationFailed(validateSync(plainToInstance(Thing, { metadata }))).details;
/** `{"a":"…"}` of this many bytes. */
const taking = (bytes: number, filler = 'x') => ({ a: filler.repeat((bytes - 8) / Buffer.byteLength(filler)) });

describe('metadata', () => {
  it('may take 16 KiB as JSON, and not a byte more', () => {
    expect(faultsOf(taking(16 * 1024))).toEqual([]);
    expect(faultsOf(taking(16 * 1024 + 1))).toEqual([
      expect.objectContaining({ path: 'metadata', message: 'metadata must take no more than 16384 bytes as JSON' }),
    ]);
  });

  it('is measured in bytes, not in characters', () => {
    expect(faultsOf(taking(16 * 1024, '\u00e4'))).toEqual([]);
    expect(faultsOf(taking(16 * 1024 + 2, '\u00e4'))).toHaveLength(1);
  });

  it('is an object', () => {
    expect(faultsOf(['x'])).toHaveLength(1);
    expect(faultsOf('x')).toHaveLength(1);
  });
});
