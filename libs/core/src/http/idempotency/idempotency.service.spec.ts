import type { Logger } from '@guildhall/sdk';
import type { Database } from '../../database/database.js';
import type { Vault } from '../../security/vault.js';
import type { IdempotencyRepository } from './idempotency.repository.js';
import { IdempotencyService } from './idempotency.service.js';

const claim = { tenantId: 'ten_a', key: 'k', fingerprint: 'f', attemptId: 'req_1', leaseMs: 10_000 };
const fingerprint = { early: 'f', whole: () => Promise.resolve('f') };
const away = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));

function service(release: () => Promise<void>) {
  const errors: unknown[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => void errors.push(fields) };
  const repository = { release } as unknown as IdempotencyRepository;
  return { errors, keys: new IdempotencyService({} as Database, {} as Vault, repository, logger) };
}

describe('IdempotencyService', () => {
  it('frees a key as soon as the database is back, without letting the caller wait for it', async () => {
    let tries = 0;
    let free: () => void = () => {};
    const freed = new Promise<void>((resolve) => (free = resolve));
    const { keys, errors } = service(async () => {
      if (++tries < 3) return away();
      free();
    });
    await keys.settle(claim, fingerprint, undefined);
    expect(tries).toBeLessThan(3);
    await freed;
    expect([tries, errors]).toEqual([3, []]);
  });

  it('frees a key whose row somebody locked, once it is free', async () => {
    let tries = 0;
    let free: () => void = () => {};
    const freed = new Promise<void>((resolve) => (free = resolve));
    const { keys, errors } = service(async () => {
      if (++tries === 1) throw Object.assign(new Error('lock timeout'), { code: '55P03' });
      free();
    });
    await keys.settle(claim, fingerprint, undefined);
    await freed;
    expect(errors).toEqual([]);
  });

  it('does not try again what would fail again, and says so', async () => {
    let tries = 0;
    const { keys, errors } = service(() => {
      tries++;
      return Promise.reject(new Error('no such column'));
    });
    await keys.settle(claim, fingerprint, undefined);
    expect([tries, errors.length]).toEqual([1, 1]);
  });
});
