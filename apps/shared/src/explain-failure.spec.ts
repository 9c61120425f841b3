import { SettingsError } from '@guildhall/core';
import { ConfigurationError, UnavailableError } from '@guildhall/sdk';
import { explainFailure } from './explain-failure.js';

describe('explainFailure', () => {
  it('lists every fault of settings and plugins, without a stack, and exits with 78', () => {
    const faults = [
      { path: 'PORT', code: 'x', message: 'must be a number' },
      { path: 'HOST', code: 'x', message: 'must be text' },
    ];
    const { text, exitCode } = explainFailure(new SettingsError(faults));
    expect(exitCode).toBe(78);
    expect(text.split('\n')).toEqual([
      'Guildhall cannot start: 2 settings are wrong',
      '  PORT: must be a number',
      '  HOST: must be text',
    ]);
    expect(explainFailure(new ConfigurationError('Plugins cannot be loaded')).exitCode).toBe(78);
  });

  it('says in a sentence what we know, and shows the stack of what we do not', () => {
    const known = explainFailure(new UnavailableError('database_unavailable', 'The database does not answer'));
    expect(known).toEqual({ text: 'Guildhall cannot start: The database does not answer', exitCode: 1 });
    const system = Object.assign(new Error("ENOENT: no such file or directory, open '/ca.pem'"), { syscall: 'open' });
    expect(explainFailure(system, 'migrate failed').text).toBe(`migrate failed: ${system.message}`);
    expect(explainFailure(new TypeError('odd')).text).toMatch(/TypeError: odd\n\s+at /);
    expect(explainFailure('words')).toEqual({ text: 'Guildhall cannot start: words', exitCode: 1 });
  });
});
