import { readWebUrl } from './web-url.decorator.js';

describe('readWebUrl', () => {
  it.each([
    'http://host.example',
    'HTTPS://HOST.example:8443/a%20b?q=1#f',
    'http://bücher.example/ä',
    'http://127.0.0.1/',
    'http://[::1]:80/',
    'https://host.example/%E2%80%8D?q=👩‍👩‍👧',
  ])('reads %s', (url) => expect(readWebUrl(url)?.href).toBe(new URL(url).href));

  it.each([
    undefined,
    7,
    '',
    'host.example',
    '//host.example/',
    'http:host.example',
    'http:/host.example',
    'http:///host.example',
    'http:/\\host.example',
    'http://host.example\\@other.example/',
    'http://foo.0x/',
    'http://[::1%25lo]/',
    'http://exa\u00admple.example/',
    'http://exa\u200dmple.example/',
    'http://exa\u2060mple.example/',
    'http://user@host.example/',
    'http://user:pass@host.example/',
    'http://host.example/a b',
    'http://host.example/\u0001',
    ' http://host.example/',
    'http://host.example:99999/',
    'ftp://host.example/',
    'javascript:alert(1)',
    `http://host.example/${'a'.repeat(2_048)}`,
    `http://host.example/${'漢'.repeat(300)}`,
  ])('does not read %j', (url) => expect(readWebUrl(url)).toBeUndefined());
});
