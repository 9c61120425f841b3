import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { loadSettings } from '@guildhall/core';
import { runCli } from '../cli.js';

describe('guildhall init', () => {
  const printed: string[] = [];
  let folder: string;
  beforeAll(() => {
    const print = (text: unknown) => void printed.push(String(text));
    jest.spyOn(console, 'log').mockImplementation(print);
    jest.spyOn(console, 'error').mockImplementation(print);
  });
  beforeEach(() => {
    printed.length = 0;
    folder = mkdtempSync(join(tmpdir(), 'init-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  afterAll(() => jest.restoreAllMocks());
  const read = () => readFileSync(join(folder, '.env'), 'utf8');

  it('writes settings with which production starts, without a warning, readable by their owner alone', async () => {
    expect(await runCli(['init', '--folder', folder])).toBe(0);
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    const rest = { NODE_ENV: 'production', DATABASE_URL: 'postgres://a:b@c/d', REDIS_URL: 'redis://c' };
    const { settings, warnings } = loadSettings({ values: rest, directory: folder });
    expect(warnings).toEqual([]);
    expect(settings.BOOTSTRAP_API_KEY).toMatch(/^gh_[0-9a-f]{48}$/);
    expect(printed.join('\n')).not.toContain(settings.BOOTSTRAP_API_KEY);
  });

  it('makes other secrets each time', async () => {
    const secrets = async () => {
      await runCli(['init', '--folder', folder]);
      const found = read().match(/^[A-Z_]+=.+$/gm);
      rmSync(join(folder, '.env'));
      return found!;
    };
    const [first, second] = [await secrets(), await secrets()];
    expect(first).toHaveLength(3);
    expect(first.filter((line) => second.includes(line))).toEqual([]);
  });

  it('leaves a file that is there as it is', async () => {
    writeFileSync(join(folder, '.env'), 'PORT=1\n');
    expect(await runCli(['init', '--folder', folder])).toBe(1);
    expect(read()).toBe('PORT=1\n');
    expect(printed.join('\n')).toMatch(/\.env is there already and stays as it is/);
  });

  it('keeps the encryption key of a data folder that has one', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    mkdirSync(join(folder, '.data'));
    writeFileSync(join(folder, '.data', 'encryption.key'), `${key}\n`);
    expect(await runCli(['init', '--folder', folder])).toBe(0);
    expect(read()).toContain(`\nENCRYPTION_KEY=${key}\n`);
    expect(printed.join('\n')).toContain('your data folder is sealed with');
  });

  it('says in one line where it cannot write', async () => {
    expect(await runCli(['init', '--folder', join(folder, 'nowhere')])).toBe(1);
    expect(printed.join('\n')).toMatch(/^guildhall init: .+nowhere\/\.env cannot be written \(ENOENT\)$/);
  });
});
