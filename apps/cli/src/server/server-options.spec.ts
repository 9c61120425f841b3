import { UsageError } from '../../../shared/src/start-options.js';
import { serverOf } from './server-options.js';

describe('the server that a command speaks with', () => {
  const environment = process.env;
  const keyOf = (options: { url?: string; key?: string }) => (serverOf(options) as unknown as { key?: string }).key;
  afterEach(() => {
    process.env = environment;
  });

  it('is this machine at the port of the settings, by the key of the settings', () => {
    process.env = { NODE_ENV: 'test', PORT: '9001', BOOTSTRAP_API_KEY: 'gh_administrator' };
    expect(serverOf({}).url).toBe('http://127.0.0.1:9001');
    expect(keyOf({})).toBe('gh_administrator');
    expect(keyOf({ url: 'http://localhost:9002' })).toBe('gh_administrator');
  });

  it('gets no key of this machine when it is another one', () => {
    process.env = { NODE_ENV: 'test', BOOTSTRAP_API_KEY: 'gh_administrator' };
    for (const url of ['https://guildhall.example', 'http://localhost.example', 'http://127.0.0.1.example:8000']) {
      expect(keyOf({ url })).toBeUndefined();
      expect(keyOf({ url, key: 'gh_own' })).toBe('gh_own');
    }
  });

  it('reads no settings, right or wrong, when told address and key', () => {
    process.env = { NODE_ENV: 'test', PORT: 'many', GUILDHALL_API_KEY: 'gh_mine' };
    expect(keyOf({ url: 'http://127.0.0.1:9000' })).toBe('gh_mine');
  });

  it.each(['nowhere', 'localhost:8000', 'ftp://a.example'])('refuses the address %s', (url) => {
    expect(() => serverOf({ url })).toThrow(UsageError);
  });
});
