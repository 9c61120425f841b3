import { resolveMediaType } from './media-type.js';

const typeOf = (content: string, declared = {}) => resolveMediaType(Buffer.from(content, 'latin1'), declared);

describe('resolveMediaType', () => {
  it('believes a declared type, its charset too', () => {
    expect(typeOf('x', { mediaType: 'Text/Plain; charset="ISO-8859-1"' })).toEqual({
      type: 'text/plain',
      charset: 'iso-8859-1',
    });
  });

  it('goes by the name where nothing is declared', () => {
    expect(typeOf('a,b', { mediaType: 'application/octet-stream', fileName: 'x.CSV' }).type).toBe('text/csv');
  });

  it.each([
    ['application/vnd.ms-excel', 'notes.csv', 'a,b', 'text/csv'],
    ['application/vnd.ms-excel', 'notes.tsv', 'a\tb', 'text/tab-separated-values'],
    ['application/vnd.ms-excel', 'notes.xls', '<html><table>', 'text/html'],
    ['application/vnd.ms-excel', 'notes', 'a,b', 'text/csv'],
    ['text/x-csv', undefined, 'a,b', 'text/csv'],
    ['application/ld+json', 'a.jsonld', '{}', 'application/json'],
    ['application/octet-stream', 'a.md', '{}', 'text/markdown'],
    ['application/octet-stream', 'a.txt', '\xff\xfea\0', 'text/plain'],
  ])('lets name and bytes decide where %s stands for many (%s)', (mediaType, fileName, content, type) => {
    expect(typeOf(content, { mediaType, fileName }).type).toBe(type);
  });

  it.each([
    ['<!DOCTYPE html><p>x', 'text/html'],
    ['  <html lang="en">', 'text/html'],
    ['{"a":1}', 'application/json'],
    ['{not json', 'text/markdown'],
    ['Plain words', 'text/markdown'],
  ])('looks at %j and sees %s', (content, type) => {
    expect(typeOf(content).type).toBe(type);
  });

  it.each([
    ['%PDF-1.7', { mediaType: 'text/plain' }],
    ['PK\x03\x04', { fileName: 'a.md' }],
    ['\x89PNG\r\n', {}],
    ['text', { mediaType: 'image/svg+xml' }],
    ['\0\0\0', { fileName: 'x.bin' }],
    ['PK\x03\x04', { mediaType: 'application/vnd.ms-excel', fileName: 'a.csv' }],
  ])('refuses %j, whatever was declared, and says what can be read', (content, declared) => {
    expect(() => typeOf(content, declared)).toThrow(
      expect.objectContaining({ code: 'unsupported_media_type', message: expect.stringContaining('markdown') }),
    );
  });
});
