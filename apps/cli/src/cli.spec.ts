import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { runCli } from './cli.js';

describe('guildhall', () => {
  const printed: string[] = [];
  const environment = process.env;
  beforeAll(() => {
    const print = (text: unknown) => void printed.push(String(text));
    jest.spyOn(console, 'log').mockImplementation(print);
    jest.spyOn(console, 'error').mockImplementation(print);
  });
  beforeEach(() => {
    printed.length = 0;
    process.env = { NODE_ENV: 'test' };
  });
  afterAll(() => {
    process.env = environment;
    jest.restoreAllMocks();
  });
  const said = () => printed.join('\n');

  it('shows its commands, and each command its options', async () => {
    expect(await runCli(['--help'])).toBe(0);
    for (const name of ['start', 'migrate', 'plugins doctor', 'config print', 'keys create', 'health']) {
      expect(said()).toContain(name);
    }
    expect(await runCli(['start', '--help'])).toBe(0);
    expect(said()).toContain('--log-level <level>');
    for (const line of ['-h', 'help', 'start -h', 'help start', 'keys create -h', '--version', '-v']) {
      expect(await runCli(line.split(' '))).toBe(0);
    }
    expect(said()).toContain('0.1.0');
  });

  it.each([
    ['', 'guildhall <command>'],
    ['fly', "no command 'fly'"],
    ['plugins', "no command 'plugins'"],
    ['plugin list', "did you mean 'plugins list'?"],
    ['migrat', "did you mean 'migrate'?"],
    ['strat --port 1', "did you mean 'start'?"],
    ['key creat --name a', "did you mean 'keys create'?"],
    ['start --port x', '--port takes'],
    ['start --prot 1', "Unknown option '--prot'; did you mean --port?"],
    ['keys create --name a --scops b', 'did you mean --scopes?'],
    ['migrate --now', "Unknown option '--now'"],
    ['health --url nowhere', '--url takes an address'],
    ['keys create', '--name says what the key is for'],
    ['keys create --name a --scopes fly', 'none of'],
    ['keys create --name a --expires-at yesterday', 'a time to come'],
  ])('ends with 2 for "%s" and says what is right', async (line, words) => {
    expect(await runCli(line === '' ? [] : line.split(' '))).toBe(2);
    expect(said()).toContain(words);
  });

  it('prints settings with their sources, secrets redacted', async () => {
    process.env = { NODE_ENV: 'test', PORT: '9001', OPENAI_API_KEY: 'sk-hidden', CORS_ORIGINS: 'https://a.org' };
    expect(await runCli(['config', 'print'])).toBe(0);
    expect(said()).toMatch(/^PORT +9001 {2}\(environment\)$/m);
    expect(said()).toMatch(/^HOST +127\.0\.0\.1 {2}\(default\)$/m);
    expect(said()).toMatch(/^OPENAI_API_KEY +\[redacted\]/m);
    printed.length = 0;
    expect(await runCli(['config', 'print', '--json'])).toBe(0);
    expect(JSON.parse(said()).settings).toContainEqual({ name: 'PORT', value: 9001, source: 'environment' });
  });

  it('ends with 78 and every fault when settings are wrong', async () => {
    process.env = { NODE_ENV: 'test', PORT: 'many', LOG_LEVEL: 'loud' };
    expect(await runCli(['config', 'print'])).toBe(78);
    expect(said()).toContain('PORT: must be');
    expect(said()).toContain('LOG_LEVEL: must be');
  });

  it('lists plugins in the order in which they start', async () => {
    expect(await runCli(['plugins', 'list'])).toBe(0);
    expect(printed[0]).toMatch(/^core +0\.1\.0 +guildhall/);
    printed.length = 0;
    expect(await runCli(['plugins', 'list', '--json'])).toBe(0);
    expect(JSON.parse(said())[0]).toMatchObject({ id: 'core', origin: 'guildhall' });
  });

  it('checks plugins without starting them', async () => {
    expect(await runCli(['plugins', 'doctor'])).toBe(0);
    process.env = { NODE_ENV: 'test', PLUGINS: 'no-such-plugin,./no/such/folder' };
    expect(await runCli(['plugins', 'doctor'])).toBe(1);
    expect(said()).toContain("No package or folder 'no-such-plugin'");
    expect(said()).toContain("No package or folder './no/such/folder'");
  });

  describe('health', () => {
    const answers = new Map<string, number>();
    const server = createServer((request, response) => {
      response.writeHead(answers.get(request.url!) ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'said' }));
    });
    let url: string;
    beforeAll(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server.close());
    beforeEach(() => answers.clear());

    it('ends with 0 when the server is well, with or without a key to its report', async () => {
      expect(await runCli(['health', '--url', url, '--json'])).toBe(0);
      expect(JSON.parse(said())).toContainEqual({ path: '/health/ready', status: 200, body: { status: 'said' } });
      answers.set('/health', 401).set('/health/db', 401).set('/health/config', 401);
      expect(await runCli(['health', '--url', url])).toBe(0);
    });

    it('ends with 1 when it is not ready or does not answer', async () => {
      answers.set('/health/ready', 503);
      expect(await runCli(['health', '--url', url, '--key', 'k'])).toBe(1);
      expect(said()).toMatch(/^\/health\/ready +503 {2}said$/m);
      expect(await runCli(['health', '--url', 'http://127.0.0.1:1'])).toBe(1);
      expect(said()).toContain('no answer');
    });
  });
});
