import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractTar } from './extract-tar.js';

describe('unpacking a dump', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tar-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const pack = (...options: string[]) => {
    const [from, file] = [join(directory, 'from'), join(directory, 'dump.tar')];
    mkdirSync(join(from, 'base', 'empty'), { recursive: true });
    writeFileSync(join(from, 'PG_VERSION'), '18\n');
    writeFileSync(join(from, 'base', 'big'), Buffer.alloc(70_000, 7));
    writeFileSync(join(from, 'base', 'nothing'), '');
    execFileSync('tar', ['--format=ustar', '-cf', file, '-C', from, ...options, '.']);
    return file;
  };

  it('gives back every file and folder as it was', async () => {
    const to = join(directory, 'to');
    await extractTar(pack(), to);
    expect(readFileSync(join(to, 'PG_VERSION'), 'utf8')).toBe('18\n');
    expect(readFileSync(join(to, 'base', 'big'))).toEqual(Buffer.alloc(70_000, 7));
    expect(readFileSync(join(to, 'base', 'nothing'))).toHaveLength(0);
    expect(statSync(join(to, 'base', 'empty')).isDirectory()).toBe(true);
  });

  it('refuses a file that was cut short', async () => {
    const file = pack();
    truncateSync(file, 40_000);
    await expect(extractTar(file, join(directory, 'to'))).rejects.toThrow('cut short');
  });

  it('refuses entries that lead out of the folder', async () => {
    const file = pack('-P', '--transform=s,^./PG_VERSION,../outside,');
    await expect(extractTar(file, join(directory, 'to'))).rejects.toThrow('leads out of its folder');
  });
});
