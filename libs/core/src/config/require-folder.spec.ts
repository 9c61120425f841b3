import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireFolder } from './require-folder.js';
import { describeFaults } from './settings-error.js';

describe('the folder that a setting names', () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'folder-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const faultOf = (path: string): string => {
    try {
      requireFolder('DATA_DIR', path);
      return '';
    } catch (error) {
      return describeFaults(error as never);
    }
  };

  it('is made where it is missing, and taken where it is there', () => {
    requireFolder('DATA_DIR', at('a/b/c'));
    expect(existsSync(at('a/b/c'))).toBe(true);
    symlinkSync(at('a'), at('link'));
    for (const path of ['a/b/c', 'a', 'link', 'link/b/d']) expect(faultOf(at(path))).toBe('');
  });

  it('is refused in one line that names setting, path and reason, without a stack', () => {
    writeFileSync(at('file'), '');
    symlinkSync(at('gone'), at('dangling'));
    symlinkSync(at('circle'), at('circle'));
    const expected = {
      [at('file')]: 'no folder',
      [at('file/below')]: 'no folder',
      [at('dangling')]: 'leads nowhere',
      [at('dangling/below')]: 'leads nowhere',
      [at('circle')]: 'in a circle',
      '/proc/guildhall/data': 'cannot be made there',
      '/dev/null': 'no folder',
    };
    for (const [path, reason] of Object.entries(expected)) {
      const lines = faultOf(path).split('\n');
      expect(lines).toEqual([
        'Guildhall cannot start: One setting is wrong',
        expect.stringContaining(`  DATA_DIR: '${path}' is no folder to write to: `),
      ]);
      expect(lines[1]).toContain(reason);
    }
  });
});
