import fc from 'fast-check';
import { isGlobalUnicast, isMetadataAddress } from './outbound-address.js';
import { OutboundGuard } from './outbound-guard.js';

const guard = new OutboundGuard({ allow: [], ports: [80, 443] });
const blocked = expect.objectContaining({ code: 'outbound_blocked', category: 'authorization' });

const check = (url: string, trust: 'tenant' | 'operator' = 'tenant', using = guard) => {
  try {
    using.checkUrl(url, trust);
    return 'passes';
  } catch (error) {
    expect(error).toEqual(blocked);
    return 'blocked';
  }
};

const PRIVATE = [
  '127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1',
  '100.64.0.1', '100.127.255.255', '169.254.169.254', '198.18.0.1', '198.19.255.255', '192.0.0.1', '192.0.2.1',
  '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255',
  '::1', '::', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:127.0.0.1', 'fc00::1', 'fdff::1',
  'fe80::1', 'febf::1', 'fec0::1', 'ff02::1', '2002:7f00:1::', '2002:808:808::', '64:ff9b::7f00:1', '64:ff9b::808:808',
  '64:ff9b:1::a00:1', '2001::1', '2001:db8::1', '2001:10::1', '3fff::1', '100::1', '5f00::1', '4000::1', '8000::1',
]; // prettier-ignore

describe('isGlobalUnicast', () => {
  it.each(PRIVATE)('refuses %s', (address) => expect(isGlobalUnicast(address)).toBe(false));

  it.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '100.63.255.255', '100.128.0.1', '172.32.0.1', '2606:4700::1111'])(
    'lets %s pass',
    (address) => expect(isGlobalUnicast(address)).toBe(true),
  );

  it('refuses what is no address, and numbers in other notations', () => {
    for (const text of [
      '',
      'localhost',
      '2130706433',
      '0x7f.1',
      '017700000001',
      '127.1',
      '1.2.3.4.5',
      'fe80::1%eth0',
    ]) {
      expect(isGlobalUnicast(text)).toBe(false);
    }
  });

  it('never lets an IPv6 address pass that carries an IPv4 one', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const hex = [a * 256 + b, c * 256 + d].map((part) => part.toString(16)).join(':');
        for (const form of [`::${hex}`, `::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::1`, `2001:0:${hex}::1`]) {
          expect(isGlobalUnicast(form)).toBe(false);
        }
      }),
    );
  });
});

describe('isMetadataAddress', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:a9fe:a9fe::1',
  ])('knows %s', (address) => expect(isMetadataAddress(address)).toBe(true));

  it.each(['127.0.0.1', '10.0.0.1', '8.8.8.8', '::1', '2606:a9fe:a9fe::1', 'metadata'])('leaves %s alone', (address) =>
    expect(isMetadataAddress(address)).toBe(false),
  );
});

describe('OutboundGuard', () => {
  it.each([
    'http://2130706433/', 'http://0x7f.1/', 'http://017700000001/', 'http://127.1/', 'http://0/', 'http://[::1]/',
    'http://[::ffff:127.0.0.1]/', 'http://127.0.0.1./', 'http://１２７.0.0.1/', 'http://①②⑦.⓪.⓪.①/', 'http://localhost/',
    'http://LOCALHOST./', 'http://foo.localhost/', 'http://metadata.google.internal/', 'http://metadata/', 'http://redis/',
    'http://kubernetes.default.svc/', 'http://api.default.svc.cluster.local/', 'http://db.internal/', 'http://printer.local/',
  ])('blocks %s', (url) => expect(check(url)).toBe('blocked')); // prettier-ignore

  it.each([
    'file:///etc/passwd', 'gopher://example.com/', 'ftp://example.com/', 'data:text/plain,hi', 'jar:http://example.com!/',
    'dict://example.com/', 'unix:/var/run/docker.sock', 'blob:http://example.com/x', 'ws://example.com/', 'javascript:1',
    'http://ok@example.com/', 'http://ok:secret@example.com/', 'http://ok@127.0.0.1/', 'http://example.com\\@127.0.0.1/',
    ' http://example.com/', 'http://exa mple.com/', 'http://example.com/\n', 'http://exam\tple.com/', '//example.com/', '', 'x',
  ])('blocks the form %j', (url) => expect(check(url)).toBe('blocked')); // prettier-ignore

  it.each([22, 25, 6379, 5432, 8080])('blocks port %d', (port) => {
    expect(check(`http://example.com:${port}/`)).toBe('blocked');
    expect(check(`http://93.184.216.34:${port}/`)).toBe('blocked');
  });

  it('lets public URLs pass on 80, 443 and ports that the operator opened', () => {
    expect(check('http://example.com/')).toBe('passes');
    expect(check('https://example.com:443/a?b')).toBe('passes');
    expect(check('http://93.184.216.34/')).toBe('passes');
    const wider = new OutboundGuard({ allow: [], ports: [80, 443, 8443] });
    expect(check('https://example.com:8443/', 'tenant', wider)).toBe('passes');
  });

  it('lets allowed hosts and networks pass on any port', () => {
    const open = new OutboundGuard({
      allow: ['redis', 'Tools.Internal', '10.1.0.0/16', '127.0.0.1', '::1'],
      ports: [80],
    });
    for (const url of [
      'http://redis:6379/',
      'http://tools.internal.:9/',
      'http://10.1.2.3:8080/',
      'http://127.0.0.1:1/',
    ]) {
      expect(check(url, 'tenant', open)).toBe('passes');
    }
    expect(check('http://[::1]:99/', 'tenant', open)).toBe('passes');
    expect(check('http://10.2.0.1/', 'tenant', open)).toBe('blocked');
    expect(check('http://other.internal/', 'tenant', open)).toBe('blocked');
  });

  it('judges the address a name was resolved to', () => {
    const open = new OutboundGuard({ allow: ['tools.example', '10.1.0.0/16'], ports: [80] });
    expect(() => guard.checkAddress('example.com', '10.0.0.1', 80, 'tenant')).toThrow(blocked);
    expect(() => open.checkAddress('example.com', '10.1.0.1', 5432, 'tenant')).not.toThrow();
    expect(() => open.checkAddress('example.com', '8.8.8.8', 5432, 'tenant')).toThrow(blocked);
    expect(() => open.checkAddress('tools.example', '192.168.0.1', 5432, 'tenant')).not.toThrow();
  });

  it('refuses metadata services even to the operator and to allowed hosts', () => {
    const open = new OutboundGuard({ allow: ['169.254.0.0/16', 'metadata.google.internal', 'x.example'], ports: [80] });
    for (const trust of ['tenant', 'operator'] as const) {
      expect(check('http://169.254.169.254/latest', trust, open)).toBe('blocked');
      expect(check('http://[::ffff:a9fe:a9fe]/', trust, open)).toBe('blocked');
      expect(check('http://metadata.google.internal/', trust, open)).toBe('blocked');
      expect(() => open.checkAddress('x.example', '169.254.169.254', 80, trust)).toThrow(blocked);
    }
  });

  it('lets the operator reach its own network', () => {
    for (const url of ['http://127.0.0.1:11434/v1', 'http://ollama:11434/', 'http://llm.internal:8000/']) {
      expect(check(url, 'operator')).toBe('passes');
    }
    expect(check('file:///etc/passwd', 'operator')).toBe('blocked');
    expect(check('http://user:pass@llm.internal/', 'operator')).toBe('blocked');
  });

  it('does not say what stands behind a name', () => {
    const message = (work: () => void) => {
      try {
        work();
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message(() => guard.checkAddress('a.example', '10.11.12.13', 80, 'tenant'))).not.toContain('10.11');
  });
});
