import { ConfigurationError } from '@guildhall/sdk';
import { explainOpenFailure } from './explain-open-failure.js';

const URL_WITH_PASSWORD = 'postgres://app:s3cret@db.internal/guildhall';
const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('why the database could not be opened', () => {
  it('names the server that cannot be reached, not its password', () => {
    const error = explainOpenFailure(failure('ECONNREFUSED', 'connect ECONNREFUSED'), URL_WITH_PASSWORD);
    expect(error).toMatchObject({ code: 'database_unavailable' });
    expect(String(error)).toContain('db.internal:5432/guildhall cannot be reached (ECONNREFUSED)');
    expect(String(error)).not.toContain('s3cret');
  });

  it.each(['28P01', '3D000'])('calls a refused login (%s) a wrong setting', (code) => {
    const error = explainOpenFailure(failure(code, 'no such role'), URL_WITH_PASSWORD);
    expect(error).toMatchObject({ category: 'configuration', message: expect.stringContaining('Check DATABASE_URL') });
  });

  it('leaves other errors as they are', () => {
    const [known, unknown] = [new ConfigurationError('in use'), new TypeError('fault')];
    expect(explainOpenFailure(known, undefined)).toBe(known);
    expect(explainOpenFailure(unknown, undefined)).toBe(unknown);
  });
});
