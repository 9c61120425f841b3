import { UsageError, parseStartOptions } from './start-options.js';

const parse = (line: string, environment = {}) => parseStartOptions(line === '' ? [] : line.split(' '), environment);

describe('parseStartOptions', () => {
  it('turns each option into the setting it stands for', () => {
    const line = '--host 0.0.0.0 --port 0 --env staging --log-level warn --workers 1';
    expect(parse(line)).toEqual({
      help: false,
      reload: false,
      settings: { HOST: '0.0.0.0', PORT: '0', NODE_ENV: 'staging', LOG_LEVEL: 'warn', RUN_WORKERS: '1' },
    });
    expect(parse('')).toEqual({ help: false, reload: false, settings: {} });
  });

  it.each([
    ['--port 65536', '--port takes a number from 0 to 65535'],
    ['--port 80x', "found '80x'"],
    ['--env prod', '--env takes development, test'],
    ['--log-level loud', '--log-level takes trace, debug'],
    ['--workers 4', 'start more processes'],
    ['--host', "'--host <value>' argument missing"],
    ['--verbose', "Unknown option '--verbose'"],
    ['8000', 'Unexpected argument'],
    ['--reload --env production', '--reload is refused in production'],
  ])('refuses %s and says what is right', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  it('refuses to reload in production when the environment says so, but not elsewhere', () => {
    expect(() => parse('--reload', { NODE_ENV: 'production' })).toThrow('refused in production');
    expect(parse('--reload', { NODE_ENV: 'development' }).reload).toBe(true);
  });
});
