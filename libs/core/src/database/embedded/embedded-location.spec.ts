import { resolve } from 'node:path';
import { embeddedLocation } from './embedded-location.js';

describe('where an embedded database is', () => {
  it.each([
    [undefined, resolve('./.data')],
    ['pglite:', resolve('./.data')],
    ['pglite:./other', resolve('./other')],
    ['pglite:/var/lib/guildhall', '/var/lib/guildhall'],
    ['pglite:///var/lib/guildhall', '/var/lib/guildhall'],
  ])('%s is the folder %s', (url, path) => {
    expect(embeddedLocation(url, './.data')).toEqual({ kind: 'directory', path });
  });

  it('may be memory, started from a dump', () => {
    expect(embeddedLocation('pglite:memory', './.data')).toEqual({ kind: 'memory' });
    const url = `pglite:memory?dump=${encodeURIComponent('/tmp/a b?c.tar')}`;
    expect(embeddedLocation(url, './.data')).toEqual({ kind: 'memory', dump: '/tmp/a b?c.tar' });
  });
});
