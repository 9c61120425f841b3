import { knownHosts } from './known-hosts.js';
import { checkLinks } from './untrusted-links.js';

const known = () =>
  knownHosts([
    'Our shop is https://Shop.Example:443/start, our docs docs.example, bücher.example.',
    'http://intranet/',
  ]);
const untrustedIn = (text: string) => checkLinks(text, known, false).untrusted;

describe('checkLinks', () => {
  it.each([
    'See https://shop.example/orders?id=1 and **http://docs.example**.',
    '[Shop](HTTPS://SHOP.EXAMPLE/a_(b)) ![i](//docs.example/i.png) <https://docs.example>',
    '[a]: http://docs.example/x\n_http://docs.example_, (http://docs.example), http://docs.example.',
    'http://xn--bcher-kva.example/ and http://bücher.example/',
    'http://intranet/page',
    '<img src="https://shop.example/i.png">',
    'http://shop.example/login?next=http://elsewhere.example/',
    'No link: a//b, 3//4, C++ // comment, https: is a scheme, note:this, 12:30, and/or.',
    'mailto:help@shop.example',
  ])('finds nothing in %j', (text) => expect(checkLinks(text, known, true)).toEqual({ text, untrusted: [] }));

  it.each([
    '![x](https://stranger.example/?q=secret)',
    '[x](HTTPS://STRANGER.EXAMPLE/)',
    '<https://stranger.example/>',
    'https://stranger.example/a',
    'www.stranger.example/a',
    '[x]: https://stranger.example/a "title"',
    '[x]: //stranger.example/a',
    '![x](//stranger.example/a)',
    '![x](\\\\stranger.example/a)',
    '![x](/\\stranger.example/a)',
    '![x](http:/\\stranger.example/a)',
    '![x](https:\\\\stranger.example/a)',
    '![x](https:stranger.example/a)',
    '![x](https:////stranger.example/a)',
    '![x](http://shop.example@stranger.example/)',
    '![x](http://shop.example*@stranger.example/)',
    '![x](http://shop.example:443@stranger.example:8443/)',
    '![x](http://shop.example.stranger.example/)',
    '![x](http://secret.shop.example/)',
    '![x](http://strangér.example/)',
    '![x](http://%73tranger.example/)',
    '![x](http://10.1.2.3/)',
    '![x](http://[2001:db8::1]/)',
    '![x](http://stranger/)',
    '<img src=https://stranger.example/i.png>',
    "<IMG SRC='//stranger.example/i.png'>",
    '<a style="background:url(//stranger.example/i)">',
    '<img srcset="https://shop.example/a.png, https://stranger.example/b.png 2x">',
    '<img src="ht\ntp:/\n/stranger.example/">',
    '<img src="&#104;ttp&colon;//stranger.example/">',
    '![x](http\\://stranger.example/)',
    '![x](&#x68;ttps://stranger.example/)',
    '[x](http://shop.example)[y](http://stranger.example)',
    'ftp://stranger.example/ wss://shop.example',
    'intent://stranger.example/#Intent;end',
    '[x](javascript:fetch(1))',
    '[x](JavaScript:alert)',
    '[x](data:text/html;base64,PGI+)',
    '[x](mailto:a@stranger.example?body=secret)',
  ])('finds and removes what is in %j', (text) => {
    expect(untrustedIn(text)).toHaveLength(1);
    const { text: rest } = checkLinks(text, known, true);
    expect(rest).toContain('[link removed]');
    expect(rest).not.toMatch(/stranger(?!_)|str.?ng.r|10\.1|2001|fetch|alert|PGI|secret\.shop/i);
    expect(untrustedIn(rest)).toEqual([]);
  });

  it('leaves the text around a removed link as it was', () => {
    const text = 'Yes: ![x](https://stranger.example/?q=1) at https://shop.example, or https://stranger.example/?q=2.';
    expect(checkLinks(text, known, true)).toEqual({
      text: 'Yes: ![x]([link removed]) at https://shop.example, or [link removed]',
      untrusted: ['https://stranger.example/?q=1', 'https://stranger.example/?q=2.'],
    });
  });

  it('tells each link once, and no more than anybody reads', () => {
    expect(untrustedIn('http://a.example/ http://a.example/')).toEqual(['http://a.example/']);
    const many = Array.from({ length: 300 }, (_, index) => `http://h${index}.example/`).join(' ');
    expect(untrustedIn(many)).toHaveLength(100);
    expect(checkLinks(many, known, true).text).not.toContain('example');
  });

  it.each(['http:', '//', '<', '&#1;', '\\/', 'a.', 'http://a@', 'www.', '//a.b ', '(', 'javascript:', '[2001:'])(
    'takes time in proportion to a text of %j',
    (piece) => {
      const timeOf = (count: number) => {
        const began = performance.now();
        const text = piece.repeat(count);
        checkLinks(text, () => knownHosts([text]), true);
        return performance.now() - began;
      };
      timeOf(2_000);
      // Quadratic work would take a thousand times as long.
      expect(timeOf(60_000)).toBeLessThan(300 * Math.max(timeOf(2_000), 1));
    },
  );
});
