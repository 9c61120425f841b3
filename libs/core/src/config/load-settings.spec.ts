import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSettings } from './describe-settings.js';
import { budgetOf } from './budget.js';
import { SETTING_NAMES, loadSettings, settingsFrom } from './load-settings.js';
import { sharesOf } from './shares.js';
import { EXIT_CONFIGURATION, SettingsError, describeFaults } from './settings-error.js';
import { refuseUnknownNames } from './unknown-names.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:pw@db:5432/guildhall',
  REDIS_URL: 'redis://cache:6379',
  ENCRYPTION_KEY: Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7)).toString('base64'),
  BOOTSTRAP_API_KEY: 'k'.repeat(64),
};

describe('loadSettings', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'settings-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const load = (values: Record<string, string> = {}) => loadSettings({ values, directory });
  const faultsOf = (values: Record<string, string>) => {
    try {
      load(values);
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      return (error as SettingsError).details ?? [];
    }
    return [];
  };

  it('has the documented defaults without any environment', () => {
    const { settings } = load();
    expect(settings).toMatchObject({
      NODE_ENV: 'development',
      PORT: 8000,
      HOST: '127.0.0.1',
      WORKER_PORT: 8001,
      DATA_DIR: './.data',
      DATABASE_POOL_MIN: 5,
      DATABASE_POOL_SIZE: 20,
      DATABASE_POOL_OVERFLOW: 30,
      LOG_LEVEL: 'info',
      MAX_CONCURRENT_REQUESTS: 100,
      MAX_CONNECTIONS: 5000,
      MAX_OPEN_ANSWERS: 2000,
      MAX_STREAMS_PER_KEY: 200,
      MAX_WAITS_PER_KEY: 500,
      REQUEST_TIMEOUT: 30,
      CACHE_L1_MAX: 1000,
      CACHE_L1_MAX_MB: 32,
      CACHE_L1_TTL: 300,
      CACHE_L2_TTL: 3600,
      CACHE_L2_WAIT_MS: 10,
      CACHE_REDIS_DRIVER: 'keyv',
      OUTBOUND_ALLOW: [],
      OUTBOUND_PORTS: [80, 443],
      RUN_WORKERS: true,
      RUN_LEASE_MS: 15000,
      SHUTDOWN_GRACE_MS: 25000,
      BREAKER_FAILURES: 5,
      BREAKER_OPEN_MS: 60000,
      DOCS_ENABLED: true,
      REDIS_REQUIRED: false,
      embedded: true,
    });
    expect(settings.DATABASE_URL).toBeUndefined();
  });

  it.each([
    'health=0.4,cost=0.3,performance=0.2,preference=0.2',
    'health=0.4,cost=0.3,performance=0.3',
    'health=1.4,cost=-0.4,performance=0,preference=0',
    'health=much,cost=0.3,performance=0.2,preference=0.1',
    'health=0.4,cost=0.3,performance=0.2,preference=0.1,luck=0',
    '0.4,0.3,0.2,0.1',
    ',',
  ])('refuses the weights %j in words that say what is wanted', (weights) => {
    const faults = faultsOf({ ROUTING_WEIGHTS: weights });
    expect(faults).toMatchObject([{ path: 'ROUTING_WEIGHTS', code: 'invalid_setting' }]);
    expect(faults[0]!.message).toContain('health=…,cost=…,performance=…,preference=…, numbers that sum to 1');
  });

  it('takes a budget as so many in so many seconds, or none', () => {
    for (const budget of ['60', '0/60', '60/0', '60/60/60', 'some', '-1/60', '1e3/60']) {
      expect(faultsOf({ RATE_LIMIT_ANONYMOUS: budget })).toMatchObject([{ path: 'RATE_LIMIT_ANONYMOUS' }]);
    }
    expect(budgetOf(load({ RATE_LIMIT_ANONYMOUS: '100/10' }).settings.RATE_LIMIT_ANONYMOUS)).toEqual({
      count: 100,
      seconds: 10,
    });
    expect(budgetOf(load({ RATE_LIMIT_ANONYMOUS: 'none' }).settings.RATE_LIMIT_ANONYMOUS)).toBeUndefined();
  });

  it('reads weights by name, in any order', () => {
    const { settings } = load({ ROUTING_WEIGHTS: 'preference=0, cost=.1, health=0.5, performance=0.4' });
    expect(sharesOf(settings.ROUTING_WEIGHTS)).toEqual({ health: 0.5, cost: 0.1, performance: 0.4, preference: 0 });
  });

  it('prefers the environment to the file, and the file to the default', () => {
    write('.env.development', 'PORT=9000\nLOG_LEVEL=debug\n');
    expect(load({ PORT: '9001' }).settings).toMatchObject({ PORT: 9001, LOG_LEVEL: 'debug', REQUEST_TIMEOUT: 30 });
  });

  it('reads the file of its own environment only', () => {
    write('.env.development', 'PORT=9000\n');
    write('.env.test', 'PORT=9100\n');
    expect(load({ NODE_ENV: 'test' }).settings.PORT).toBe(9100);
  });

  it('prefers what a command line gives to the environment', () => {
    const { settings } = loadSettings({ values: { PORT: '9000' }, given: { PORT: '9001' }, directory });
    expect(settings.PORT).toBe(9001);
  });

  it('leaves the key of the command line alone', () => {
    expect(load({ GUILDHALL_API_KEY: 'x' }).settings.PORT).toBe(8000);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(load().settings)).toBe(true);
  });

  it.each([
    [{ NODE_ENV: 'testing' }, 'test'],
    [{ ENVIRONMENT: 'staging', DATABASE_URL: 'postgres://db/x' }, 'staging'],
    [{ NODE_ENV: 'test', ENVIRONMENT: 'production' }, 'test'],
  ])('takes %j as %s', (values, expected) => {
    expect(load(values as never).settings.NODE_ENV).toBe(expected);
  });

  it('takes an empty value as absent', () => {
    expect(load({ REDIS_URL: '', PORT: '' }).settings).toMatchObject({ PORT: 8000 });
  });

  it('reads lists, flags and numbers', () => {
    const values = {
      PLUGINS: 'a, ./b ,',
      RUN_WORKERS: 'false',
      OUTBOUND_PORTS: '80,8443',
      OUTBOUND_ALLOW: '10.0.0.0/8,tools.local',
    };
    expect(load(values).settings).toMatchObject({
      PLUGINS: ['a', './b'],
      RUN_WORKERS: false,
      OUTBOUND_PORTS: [80, 8443],
      OUTBOUND_ALLOW: ['10.0.0.0/8', 'tools.local'],
    });
  });

  it('reads a secret from the file that NAME_FILE points to', () => {
    const path = write('secret', 'sk-from-file\n');
    const loaded = load({ OPENAI_API_KEY_FILE: path });
    expect(loaded.settings.OPENAI_API_KEY).toBe('sk-from-file');
    expect(describeSettings(loaded).find(({ name }) => name === 'OPENAI_API_KEY')).toEqual({
      name: 'OPENAI_API_KEY',
      value: '[redacted]',
      source: `file ${path}`,
    });
  });

  it('faults a NAME_FILE that is unreadable, empty, or beside NAME', () => {
    const empty = write('empty', '');
    const faults = faultsOf({
      OPENAI_API_KEY_FILE: join(directory, 'none'),
      GROQ_API_KEY_FILE: empty,
      HF_TOKEN: 'a',
      HF_TOKEN_FILE: empty,
    });
    expect(faults.map(({ path, code }) => [path, code])).toEqual(
      expect.arrayContaining([
        ['OPENAI_API_KEY_FILE', 'unreadable_file'],
        ['GROQ_API_KEY_FILE', 'empty_file'],
        ['HF_TOKEN', 'given_twice'],
      ]),
    );
    expect(faults).toHaveLength(3);
  });

  it('lists every fault at once, each with its name, and never a secret', () => {
    const faults = faultsOf({
      PORT: '80a',
      LOG_LEVEL: 'loud',
      REDIS_URL: 'http://x',
      OUTBOUND_PORTS: '80,x',
      ENCRYPTION_KEY: 'c2VjcmV0',
      RUN_WORKERS: 'yes',
      DATABASE_URL: 'mysql://db',
      CORS_ORIGINS: '*',
    });
    expect(faults.map(({ path }) => path).toSorted()).toEqual([
      'CORS_ORIGINS',
      'DATABASE_URL',
      'ENCRYPTION_KEY',
      'LOG_LEVEL',
      'OUTBOUND_PORTS',
      'PORT',
      'REDIS_URL',
      'RUN_WORKERS',
    ]);
    const text = describeFaults(new SettingsError(faults));
    expect(text.split('\n')).toHaveLength(9);
    expect(text).toContain("PORT: must be a whole number from 0 to 65535; found '80a'");
    expect(text).not.toContain('c2VjcmV0');
    expect(EXIT_CONFIGURATION).toBe(78);
  });

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', '::/129', '1.2.3', 'nobody', '10.0.0.0/', 'toString'])(
    'refuses to trust the proxy %s',
    (TRUST_PROXY) => {
      expect(faultsOf({ TRUST_PROXY })).toEqual([expect.objectContaining({ path: 'TRUST_PROXY' })]);
    },
  );

  it.each(['loopback', '10.0.0.0/8, ::1', 'fd00::/8', '0.0.0.0/1'])('trusts the proxies %s', (TRUST_PROXY) => {
    expect(faultsOf({ TRUST_PROXY })).toEqual([]);
  });

  it.each(['[::1]', 'http://localhost', '127.0.0.1/8', '127.0.0.1:80'])('refuses to listen on %s', (HOST) => {
    expect(faultsOf({ HOST })).toEqual([expect.objectContaining({ path: 'HOST' })]);
  });

  it.each(['::1', 'fe80::1%eth0', 'localhost', '0.0.0.0'])('listens on %s', (HOST) => {
    expect(faultsOf({ HOST })).toEqual([]);
  });

  it('refuses an environment that does not exist', () => {
    expect(faultsOf({ NODE_ENV: 'foo' })).toEqual([expect.objectContaining({ path: 'NODE_ENV' })]);
  });

  it.each(['staging', 'production'])(
    'refuses the embedded database in %s and names variable, environment and scheme',
    (NODE_ENV) => {
      for (const DATABASE_URL of ['', 'pglite:./data']) {
        const fault = faultsOf({ ...PRODUCTION, NODE_ENV, DATABASE_URL }).find(({ path }) => path === 'DATABASE_URL');
        expect(fault?.message).toContain(`NODE_ENV=${NODE_ENV}`);
        expect(fault?.message).toContain('postgres://');
        expect(fault?.message).toContain('PostgreSQL');
      }
    },
  );

  it('starts in production when everything it asks for is there', () => {
    const { settings, warnings } = load(PRODUCTION);
    expect(settings).toMatchObject({ DOCS_ENABLED: false, RUN_WORKERS: false, REDIS_REQUIRED: true, embedded: false });
    expect(warnings).toEqual([]);
  });

  it.each([
    [{ BOOTSTRAP_API_KEY: 'gh_dev_local' }, 'development_key', 'BOOTSTRAP_API_KEY'],
    [{ BOOTSTRAP_API_KEY: 'k'.repeat(31) }, 'too_short', 'BOOTSTRAP_API_KEY'],
    [{ ENCRYPTION_KEY: '' }, 'required', 'ENCRYPTION_KEY'],
    [{ REDIS_URL: '' }, 'required', 'REDIS_URL'],
  ])('refuses %j in production', (values, code, path) => {
    expect(faultsOf({ ...PRODUCTION, ...values } as never)).toEqual([expect.objectContaining({ path, code })]);
  });

  it('does without Redis in production when told so', () => {
    expect(load({ ...PRODUCTION, REDIS_URL: '', REDIS_REQUIRED: 'false' }).settings.REDIS_URL).toBeUndefined();
  });

  it('allows in production what deserves a warning', () => {
    const { warnings } = load({
      ...PRODUCTION,
      LOG_LEVEL: 'debug',
      CORS_ORIGINS: 'http://a.example',
      BOOTSTRAP_API_KEY: 'k'.repeat(40),
      ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
      DOCS_ENABLED: 'true',
    });
    expect(warnings).toHaveLength(5);
    expect(warnings.join()).not.toContain('kkkk');
  });

  it('reads .env below the environment and above the file of the environment, which it may choose', () => {
    write('.env', 'NODE_ENV=test\nPORT=9000\nLOG_LEVEL=warn\nPOSTGRES_PASSWORD=compose\nGUILDHALL_API_KEY=mine\n');
    write('.env.test', 'PORT=9100\nREQUEST_TIMEOUT=7\n');
    const loaded = load({ LOG_LEVEL: 'error' });
    expect(loaded.settings).toMatchObject({ NODE_ENV: 'test', PORT: 9000, LOG_LEVEL: 'error', REQUEST_TIMEOUT: 7 });
    expect(loaded.environment.files.map(({ name }) => name)).toEqual(['.env', '.env.test']);
    expect(describeSettings(loaded).find(({ name }) => name === 'PORT')?.source).toBe('.env');
    expect(load({ NODE_ENV: 'development' }).settings).toMatchObject({ NODE_ENV: 'development', REQUEST_TIMEOUT: 30 });
  });

  it('leaves the names in .env that it does not know to other programs, and warns of those that look like slips', () => {
    write('.env', 'PROT=1\nNOBODYS_BUSINESS=1\n');
    const { environment, warnings } = load();
    expect(warnings).toEqual(['PROT in .env is no setting; did you mean PORT?']);
    expect(() => refuseUnknownNames(environment, SETTING_NAMES)).not.toThrow();
    write('.env', 'GUILDHALL_PORT=1\n');
    expect(faultsOf({})).toEqual([expect.objectContaining({ path: 'GUILDHALL_PORT' })]);
  });

  it('takes no folder for a file of settings', () => {
    mkdirSync(join(directory, '.env'));
    expect(load().environment.files).toEqual([]);
  });

  it('says in a fault that a file of settings cannot be read', () => {
    symlinkSync('.env', join(directory, '.env'));
    expect(faultsOf({})).toEqual([{ path: '.env', code: 'unreadable_file', message: 'cannot be read (ELOOP)' }]);
  });

  it.each([
    ['a byte order mark', Buffer.from('\ufeffPORT=9000\n')],
    ['Windows line ends', Buffer.from('PORT=9000\r\nLOG_LEVEL=warn\r\n')],
    ['UTF-16, as PowerShell writes it', Buffer.from('\ufeffPORT=9000\r\n', 'utf16le')],
    ['UTF-16, big end first', Buffer.from('\ufeffPORT=9000\r\n', 'utf16le').swap16()],
  ])('reads files with %s', (_, bytes) => {
    for (const name of ['.env', '.env.development']) {
      writeFileSync(join(directory, name), bytes);
      expect(load().settings.PORT).toBe(9000);
      rmSync(join(directory, name));
    }
  });

  it('trims what editors and shells leave around a value, wherever it stands', () => {
    const [key, found] = ['sk-key', []] as [string, unknown[]];
    for (const around of [`${key}\r`, `${key}\n\n`, `\ufeff${key}`, ` ${key} \r\n`]) {
      found.push(load({ OPENAI_API_KEY: around }).settings.OPENAI_API_KEY);
      found.push(load({ OPENAI_API_KEY_FILE: `${write('key', around)}\n` }).settings.OPENAI_API_KEY);
      found.push(load({ OPENAI_API_KEYS: `${around},${around}` }).settings.OPENAI_API_KEYS.join());
      found.push(load({ EXAMPLE_KEY: around }).environment.find('EXAMPLE_KEY')?.value);
    }
    expect(new Set(found)).toEqual(new Set([key, `${key},${key}`]));
    writeFileSync(join(directory, 'key'), Buffer.from(`\ufeff${key}\r\n`, 'utf16le'));
    expect(load({ HF_TOKEN_FILE: join(directory, 'key') }).settings.HF_TOKEN).toBe(key);
    expect(load({ PORT: '9000\r', LOG_LEVEL: 'warn\n' }).settings).toMatchObject({ PORT: 9000, LOG_LEVEL: 'warn' });
  });

  it.each(['two\nlines', 'a space', '"quoted"', "'quoted'", 'zero\u200bwidth', 'ключ'])(
    'refuses the credential %j by name, and does not show it',
    (value) => {
      for (const name of ['OPENAI_API_KEY', 'BOOTSTRAP_API_KEY', 'LOCAL_LLM_API_KEY', 'GROQ_API_KEYS', 'HF_TOKEN']) {
        const [fault, ...others] = faultsOf({ [name]: value });
        expect(others).toEqual([]);
        expect(fault).toMatchObject({ path: name, message: expect.stringContaining('printable ASCII') });
        expect(fault!.message).not.toContain(value);
      }
    },
  );

  it('does not take for settings what a cluster adds for the Services beside a pod', () => {
    const links = (service: string) => ({
      [`${service}_SERVICE_HOST`]: '10.0.0.7',
      [`${service}_SERVICE_PORT`]: '80',
      [`${service}_SERVICE_PORT_HTTP`]: '80',
      [`${service}_PORT`]: 'tcp://10.0.0.7:80',
      [`${service}_PORT_80_TCP`]: 'tcp://10.0.0.7:80',
      [`${service}_PORT_80_TCP_PROTO`]: 'tcp',
      [`${service}_PORT_80_TCP_PORT`]: '80',
      [`${service}_PORT_80_TCP_ADDR`]: '10.0.0.7',
    });
    const services = ['GUILDHALL', 'GUILDHALL_API', 'GUILDHALL_WORKER', 'WORKER', 'WEATHER'];
    const { settings, environment } = load(Object.assign({}, ...services.map(links)) as Record<string, string>);
    expect(settings.WORKER_PORT).toBe(8001);
    for (const name of ['WEATHER_PORT', 'WEATHER_SERVICE_HOST', 'WEATHER_SERVICE_PORT']) {
      expect(environment.find(name)).toBeUndefined();
    }
    expect(load({ GUILDHALL_SERVICE_HOST: 'fd00::7', GUILDHALL_PORT: 'tcp://[fd00::7]:80' }).settings.PORT).toBe(8000);
  });

  it('takes settings that are only called like those of a Service', () => {
    const { settings, environment } = load({ WORKER_PORT: '9001', WEATHER_SERVICE_HOST: '10.0.0.7' });
    expect(settings.WORKER_PORT).toBe(9001);
    expect(environment.find('WEATHER_SERVICE_HOST')?.value).toBe('10.0.0.7');
    expect(faultsOf({ GUILDHALL_SERVICE_HOSTS: 'a' })).toMatchObject([{ path: 'GUILDHALL_SERVICE_HOSTS' }]);
  });

  it('faults unknown GUILDHALL_ names and near misses in the file, with the name that was meant', () => {
    write('.env.development', 'PROT=1\nGUILDHALL_X=2\n');
    const faults = faultsOf({ GUILDHALL_PORT: '1' });
    expect(faults.map(({ path }) => path)).toEqual(['GUILDHALL_PORT', 'GUILDHALL_X', 'PROT']);
    expect(faults[0]?.message).toContain('did you mean PORT?');
    expect(faults[2]?.message).toContain('did you mean PORT?');
  });

  it('leaves names of the file to plugins, and refuses those that nobody asked for', () => {
    write('.env.development', 'WEATHER_UNITS=metric\nWEATHER_TOKEN_FILE=/none\nNOBODYS_BUSINESS=1\n');
    const { environment } = load();
    expect(environment.find('WEATHER_UNITS')?.value).toBe('metric');
    environment.find('WEATHER_TOKEN');
    expect(() => refuseUnknownNames(environment, SETTING_NAMES)).toThrow(SettingsError);
    environment.find('NOBODYS_BUSINESS');
    expect(() => refuseUnknownNames(environment, SETTING_NAMES)).not.toThrow();
  });

  it('describes every setting with its source and without passwords', () => {
    write('.env.development', 'LOG_LEVEL=warn\n');
    const described = describeSettings(
      load({ DATABASE_URL: 'postgres://app:hunter2@db/x?sslpassword=hunter2', PORT: '1' }),
    );
    const of = (name: string) => described.find((setting) => setting.name === name);
    expect(of('PORT')).toEqual({ name: 'PORT', value: 1, source: 'environment' });
    expect(of('LOG_LEVEL')).toEqual({ name: 'LOG_LEVEL', value: 'warn', source: '.env.development' });
    expect(of('HOST')).toEqual({ name: 'HOST', value: '127.0.0.1', source: 'default' });
    expect(of('REDIS_URL')).toEqual({ name: 'REDIS_URL', value: null, source: 'default' });
    expect(of('DATABASE_URL')?.value).toContain('app:redacted@db');
    expect(JSON.stringify(described)).not.toContain('hunter2');
    expect(described).toHaveLength(SETTING_NAMES.length);
  });

  it.each([
    'postgres://app:hunter2@db/x',
    'postgres://app:hunter2@[fd00::1]:5432/x?password=hunter2&sslmode=require',
    'postgresql:///x?host=db&password=hunter2',
    'postgres://db/x?user=app&password=hunter2',
    'postgres://app:#hunter2@db/x',
    'postgres://app:1#hunter2@db/x',
    'postgres://app:1/hunter2@db/x',
    'postgres://app:1?hunter2@db/x',
    'postgres://app:%hunter2@db/x',
    'host=db password=hunter2',
    'app:hunter2@db/x',
    'hunter2:x@db',
  ])('never shows the password of %s', (address) => {
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'OPENAI_BASE_URL']) {
      const shown = (value: string) => {
        const faults = faultsOf({ [name]: value });
        return JSON.stringify(faults.length > 0 ? faults : describeSettings(load({ [name]: value })));
      };
      expect(shown(address)).not.toContain('hunter2');
      expect(shown(address.replace(/^postgres(ql)?/, 'redis'))).not.toContain('hunter2');
      expect(shown(address.replace(/^postgres(ql)?/, 'https'))).not.toContain('hunter2');
    }
  });

  it('shows no token that stands for the user of a web address', () => {
    const described = describeSettings(load({ OPENAI_BASE_URL: 'https://hunter2@models.example/v1' }));
    expect(JSON.stringify(described)).not.toContain('hunter2');
  });

  it('makes settings from a plain object for tests', () => {
    expect(settingsFrom({ NODE_ENV: 'test', PORT: 0, OUTBOUND_ALLOW: ['127.0.0.1'] })).toMatchObject({
      PORT: 0,
      OUTBOUND_ALLOW: ['127.0.0.1'],
      embedded: true,
    });
    expect(() => settingsFrom({ PORT: -1 })).toThrow(SettingsError);
  });
});
