import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { useHttpFixture } from '../spec-fixture/http-fixture.js';
import { closeGate, gate, seen } from '../spec-fixture/thing.controller.js';
import { NamelessFile } from './nameless-file.js';

jest.setTimeout(30_000);

const MIB = 1024 * 1024;
const directory = mkdtempSync(join(tmpdir(), 'uploads-spec-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** How many files of the folder this process has open. */
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;

/** Resolves when none is open any more; the test's own limit is the time it has. */
async function untilNoneIsOpen(): Promise<void> {
  while (openFiles() > 0) await setTimeout(5);
}

const form = (bytes: Buffer) => {
  const body = new FormData();
  body.append('file', new Blob([Uint8Array.from(bytes)]), 'a.bin');
  return body;
};
const PART = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nsome of it';
const head = (length: number, ...more: string[]) =>
  [
    'POST /api/v1/things/files HTTP/1.1',
    'host: localhost',
    'content-type: multipart/form-data; boundary=x',
    `content-length: ${length}`,
    ...more,
    '\r\n',
  ].join('\r\n');
const entered = () => new Promise<void>((resolve) => (seen.entered = resolve));

describe('an upload', () => {
  const { call, raw, arrived } = useHttpFixture({ UPLOAD_DIR: directory, UPLOAD_ROOM: 64, STREAM_IDLE_TIMEOUT: 60 });
  const send = (bytes: Buffer, query = '', headers = {}) =>
    call(`/api/v1/things/files${query}`, { method: 'POST', body: form(bytes), headers });
  afterEach(() => (jest.restoreAllMocks(), gate.open()));

  it('is on disk under no name while it is worked on, and gone afterwards', async () => {
    closeGate();
    const bytes = Buffer.alloc(2.5 * MIB, 'walrus');
    const inHand = entered();
    const answer = send(bytes);
    await inHand;
    expect([readdirSync(directory), openFiles()]).toEqual([[], 1]);
    gate.open();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect((await answer).body.data).toEqual({ size: bytes.length, sha256, same: true, pieces: 3 });
    await untilNoneIsOpen();
    expect((await send(Buffer.alloc(0))).body.data).toMatchObject({ size: 0, same: true, pieces: 1 });
  });

  it('leaves nothing behind where it is too large, or breaks off, or its client leaves', async () => {
    const large = await send(Buffer.alloc(50 * MIB + 1));
    expect([large.status, large.body.error.code]).toEqual([413, 'payload_too_large']);
    expect(await raw(head(PART.length) + PART)).toMatch(/^HTTP\/1.1 400 /);
    closeGate();
    const leaver = new AbortController();
    const inHand = entered();
    const body = form(Buffer.alloc(MIB));
    const left = call('/api/v1/things/files', { method: 'POST', body, signal: leaver.signal });
    await inHand;
    expect(openFiles()).toBe(1);
    leaver.abort();
    await expect(left).rejects.toThrow();
    await untilNoneIsOpen();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('that finds the disk full is refused with 503, and its space is free again', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    jest.spyOn(NamelessFile.prototype, 'append').mockRejectedValueOnce(full);
    const { status, body, headers } = await send(Buffer.alloc(3 * MIB));
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'storage_full', '10']);
    await untilNoneIsOpen();
    expect((await send(Buffer.alloc(MIB))).status).toBe(201);
  });

  it('that finds no room is refused, and its sender gets to the answer, by fetch as by who asks first', async () => {
    const [there, hungUp] = [arrived(1), Promise.withResolvers<void>()];
    const halfSent = raw(head(40 * MIB) + PART, undefined, hungUp.promise);
    await there;
    const { status, body, headers } = await send(Buffer.alloc(40 * MIB));
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'concurrency_limited', '1']);
    expect(await raw(head(40 * MIB, 'expect: 100-continue'))).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close/);
    expect((await send(Buffer.alloc(MIB), '', { 'x-tenant': 'other' })).status).toBe(201);
    hungUp.resolve();
    await halfSent;
    await untilNoneIsOpen();
    expect(await raw(head(PART.length, 'expect: 100-continue'), PART)).toMatch(/^HTTP\/1.1 100 Continue\r\n/);
  });

  it('is asked for where there is room', async () => {
    const body = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nall\r\n--x--\r\n';
    expect(await raw(head(body.length, 'expect: 100-continue'), body)).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 [\s\S]*"size":3/,
    );
  });

  it('is in memory whole where somebody needs it whole', async () => {
    const loaded = () => send(Buffer.alloc(MIB), '?load=1');
    expect((await loaded()).body.data).toMatchObject({ same: true, pieces: 1 });
  });
});
