import { QueryFailedError } from 'typeorm';
import { ValidationError } from '@guildhall/sdk';
import { isConnectionFailure, isTransient, toAppError } from './database-error.js';

const driverError = (code: string, detail = '', message = 'some SQL text') =>
  Object.assign(new Error(message), { code, detail });

describe('database errors', () => {
  it('calls a unique violation a duplicate record and names the fields, not their values', () => {
    const error = toAppError(driverError('23505', 'Key (tenant_id, user_name)=(t1, secret) already exists.'));
    expect(error).toMatchObject({ category: 'conflict', code: 'duplicate_record', retryable: false });
    expect(error?.details).toEqual([{ path: 'userName', code: 'duplicate', message: expect.any(String) }]);
    expect(error?.message).not.toContain('secret');
  });

  it('leaves out the fields of an index over an expression', () => {
    const error = toAppError(driverError('23505', 'Key (lower(name))=(x) already exists.'));
    expect(error?.details).toEqual([]);
  });

  it('reads through the wrapping of TypeORM', () => {
    const wrapped = new QueryFailedError('INSERT', [], driverError('23505'));
    expect(toAppError(wrapped)).toMatchObject({ code: 'duplicate_record' });
  });

  it('calls a reference to nothing invalid, and a record in use a conflict', () => {
    const missing = toAppError(driverError('23503', 'Key (agent_id)=(a) is not present in table "agents".'));
    expect(missing).toMatchObject({ category: 'validation', code: 'invalid_reference' });
    expect(missing?.details?.[0]?.path).toBe('agentId');
    const used = toAppError(driverError('23503', 'Key (id)=(a) is still referenced from table "runs".'));
    expect(used).toMatchObject({ category: 'conflict', code: 'still_referenced' });
  });

  it.each(['08006', '57P01', '53300', 'ECONNREFUSED', 'ECONNRESET'])('counts %s as a lost connection', (code) => {
    expect(isConnectionFailure(driverError(code))).toBe(true);
    expect(isTransient(driverError(code))).toBe(true);
    expect(toAppError(driverError(code))).toMatchObject({
      category: 'unavailable',
      code: 'database_unavailable',
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
  });

  it.each(['40001', '40P01'])('calls %s transient, but not a lost connection', (code) => {
    expect(isTransient(driverError(code))).toBe(true);
    expect(isConnectionFailure(driverError(code))).toBe(false);
  });

  it('does not call overload a lost connection', () => {
    const exhausted = new Error('timeout exceeded when trying to connect');
    expect(isConnectionFailure(exhausted)).toBe(false);
    expect(toAppError(exhausted)).toMatchObject({ code: 'database_unavailable' });
  });

  it('asks to try again where somebody else held a lock for too long', () => {
    const locked = new QueryFailedError('UPDATE', [], driverError('55P03'));
    expect(toAppError(locked)).toMatchObject({ category: 'unavailable', retryable: true, retryAfterMs: 1000 });
    expect(isConnectionFailure(locked)).toBe(false);
  });

  it('calls a cancelled statement and a silent server a timeout', () => {
    expect(toAppError(driverError('57014'))).toMatchObject({ category: 'timeout' });
    expect(toAppError(new Error('Query read timeout'))).toMatchObject({ category: 'timeout' });
  });

  it('calls text that cannot be stored bad input', () => {
    expect(toAppError(driverError('22021'))).toMatchObject({ category: 'validation' });
  });

  it('has no words for a fault of ours', () => {
    expect(toAppError(driverError('42601', '', 'syntax error'))).toBeUndefined();
    expect(toAppError(new TypeError('x is not a function'))).toBeUndefined();
    expect(toAppError(undefined)).toBeUndefined();
    expect(toAppError('text')).toBeUndefined();
    expect(isTransient(driverError('42601'))).toBe(false);
  });

  it('leaves an error that has its words alone', () => {
    const error = new ValidationError('no');
    expect(toAppError(error)).toBe(error);
  });
});
