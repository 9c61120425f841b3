import { Writable } from 'node:stream';
import { withLogFields } from './log-context.js';
import { createLogger } from './logger.js';

async function logger(LOG_FORMAT: 'json' | 'pretty' = 'json', LOG_LEVEL: 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = await createLogger({ LOG_FORMAT, LOG_LEVEL }, destination);
  const last = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { log, lines, last };
}

describe('createLogger', () => {
  it('puts the fields of the current request on every line, awaited ones included', async () => {
    const { log, last } = await logger();
    await withLogFields({ requestId: 'req_1', tenantId: 'ten_1' }, async () => {
      await Promise.resolve();
      withLogFields({ requestId: 'req_1', runId: 'run_1' }, () => log.info({ step: 2 }, 'Working'));
    });
    expect(last()).toMatchObject({
      level: 'info',
      msg: 'Working',
      step: 2,
      requestId: 'req_1',
      tenantId: 'ten_1',
      runId: 'run_1',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    log.info({}, 'Outside');
    expect(last()).not.toHaveProperty('requestId');
  });

  it('does not let one line change the fields of the next', async () => {
    const { log, last } = await logger();
    withLogFields({ requestId: 'req_1' }, () => {
      log.info({ requestId: 'other', extra: 1 }, 'One');
      log.info({}, 'Two');
    });
    expect(last()).toMatchObject({ requestId: 'req_1' });
    expect(last()).not.toHaveProperty('extra');
  });

  it.each([
    ['authorization', { headers: { authorization: 'Bearer hidden-value' } }],
    ['apiKey', { provider: { apiKey: 'hidden-value' } }],
    ['password, in a list', { users: [{ password: 'hidden-value' }] }],
    ['client_secret', { oauth: { client_secret: 'hidden-value' } }],
    ['token', { token: 'hidden-value' }],
    ['x-api-key', { 'x-api-key': 'hidden-value' }],
    ['ENCRYPTION_KEY', { ENCRYPTION_KEY: 'hidden-value' }],
  ])('hides the value of %s wherever it stands', async (_name, fields) => {
    const { log, lines } = await logger();
    log.info(fields, 'Said');
    expect(lines.join('')).toContain('[redacted]');
    expect(lines.join('')).not.toContain('hidden-value');
  });

  it('hides keys, tokens and passwords in messages, errors and stacks, and leaves the line valid JSON', async () => {
    const { log, lines, last } = await logger();
    const error = new Error('connect postgres://app:hunter2pass@db:5432/x refused', {
      cause: new Error('Bearer abcdef123456'),
    });
    log.error({ err: error, url: 'http://plain', mail: 'a@b.org' }, 'Key gh_key1_secretsecret failed');
    const text = lines.join('');
    for (const secret of ['hunter2pass', 'abcdef123456', 'secretsecret']) expect(text).not.toContain(secret);
    expect(last()).toMatchObject({ url: 'http://plain', mail: 'a@b.org', err: { type: 'Error' } });
  });

  it('tells of an error its kind, words, code, stack and causes, and none of its other fields', async () => {
    const { log, last } = await logger();
    const error = Object.assign(new TypeError('wrong', { cause: new Error('why') }), { code: 'E1', request: 'body' });
    error.stack = 'x'.repeat(50_000);
    log.error({ err: error }, 'Failed');
    const err = last()['err'] as Record<string, unknown>;
    expect(err).toMatchObject({ type: 'TypeError', message: 'wrong', code: 'E1', cause: { message: 'why' } });
    expect(err).not.toHaveProperty('request');
    expect(String(err['stack'])).toMatch(/^x{4000}… \(46000 more\)$/);
    log.error({ err: 'only words' }, 'Failed');
    expect(last()).toMatchObject({ err: 'only words' });
  });

  it('cannot be made to print a second line by what a caller sends', async () => {
    const forged = 'hello\n{"level":"error","msg":"forged"}\u001b[31m';
    const json = await logger();
    json.log.info({ name: forged }, forged);
    expect(json.lines.join('').trimEnd().split('\n')).toHaveLength(1);
    const pretty = await logger('pretty');
    pretty.log.info({}, forged);
    expect(pretty.lines.join('').trimEnd().split('\n')).toHaveLength(1);
    expect(pretty.lines.join('')).not.toContain('\u001b');
  });

  it('hides secrets at the beginning of any line of an error, its causes and its stack', async () => {
    const secrets = [
      'gh_key1_secretsecret',
      'sk-proj-abcdefghijklmnop',
      'hf_abcdefghijklmnopqrst',
      'AIzaSyA1234567890abcdefghijkl',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
    ];
    for (const secret of secrets) {
      for (const before of ['\n', '\r\n', '\t', '\u001b[31m', '\f', '\u0000', '"', '\\', ' at ', '']) {
        const { log, lines } = await logger();
        const error = new Error(`The vendor said:${before}${secret}${before}`, { cause: new Error(before + secret) });
        log.error({ err: error, said: [before + secret] }, `Failed${before}${secret}`.slice(before === '' ? 6 : 0));
        expect(lines.join('')).not.toContain(secret);
        expect(() => JSON.parse(lines[0]!) as unknown).not.toThrow();
      }
    }
    const { log, lines } = await logger();
    log.warn(
      { err: new Error('Headers:\nAuthorization:\n\tBearer\tabcdef123456\npostgres://u:hunter2pass@db/x') },
      'Failed',
    );
    for (const secret of ['abcdef123456', 'hunter2pass']) expect(lines[0]).not.toContain(secret);
  });

  it('cuts what is too long for a line, wherever it stands', async () => {
    const { log, lines, last } = await logger();
    const long = 'a'.repeat(1_000_000);
    log.warn({ agent: long, list: [{ deep: long }], err: new Error(long, { cause: new Error(long) }) }, long);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.length).toBeLessThan(60_000);
    expect(last()['agent']).toMatch(/^a{8000}… \(992000 more\)$/);
  });

  it('shows no control characters of an error at a terminal, and its stack in lines', async () => {
    const { log, lines } = await logger('pretty');
    log.error({ err: new Error('red \u001b[31m\u0007\rback'), field: '\u001b[2J\nforged' }, 'Failed');
    const text = lines.join('');
    for (const control of ['\u001b', '\u0007', '\r']) expect(text).not.toContain(control);
    expect(text).toMatch(/red \\u001b\[31m/);
    expect(text).toMatch(/\n\s+at /);
    expect(text).not.toMatch(/^forged/m);
  });

  it('stays silent below its level and survives what goes round in circles', async () => {
    const { log, lines } = await logger('json', 'warn');
    log.info({}, 'Not said');
    expect(lines).toEqual([]);
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    log.warn({ circle }, 'Said');
    expect(lines).toHaveLength(1);
  });
});
