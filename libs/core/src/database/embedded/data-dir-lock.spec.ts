import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirLock } from './data-dir-lock.js';

describe('the lock on a data folder', () => {
  let directory: string;
  const file = () => join(directory, 'guildhall.lock');
  const leave = (owner: object) => writeFileSync(file(), JSON.stringify(owner));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is one owner at a time, in one process too', () => {
    const lock = DataDirLock.acquire(directory);
    expect(() => DataDirLock.acquire(directory)).toThrow(/is in use by process \d+ on .*: stop it, or set DATA_DIR/);
    lock.release();
    DataDirLock.acquire(directory).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused while another process holds it, and taken over when that is gone', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    leave({ pid: other.pid, host: hostname(), startedAt });
    expect(() => DataDirLock.acquire(directory)).toThrow(`process ${other.pid}`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    DataDirLock.acquire(directory).release();
  });

  it('is taken over from a process whose id belongs to another one now', () => {
    leave({ pid: 1, host: hostname(), startedAt: 'long ago' });
    expect(() => DataDirLock.acquire(directory).release()).not.toThrow();
  });

  it('is taken over from an earlier process with our id, as in a restarted container', () => {
    leave({ pid: process.pid, host: hostname(), startedAt: 'long ago' });
    expect(() => DataDirLock.acquire(directory).release()).not.toThrow();
  });

  it('is left to another host for as long as that gives signs of life', () => {
    leave({ pid: 1, host: 'elsewhere', startedAt: '1' });
    expect(() => DataDirLock.acquire(directory)).toThrow('process 1 on elsewhere');
    const before = new Date(Date.now() - 60_000);
    utimesSync(file(), before, before);
    DataDirLock.acquire(directory).release();
  });

  it('is not taken from a process that is just writing it', () => {
    writeFileSync(file(), '');
    expect(() => DataDirLock.acquire(directory)).toThrow('another process');
  });

  it('may be released twice', () => {
    const lock = DataDirLock.acquire(directory);
    lock.release();
    expect(() => lock.release()).not.toThrow();
  });
});
