import type { IncomingMessage } from 'node:http';
import { HostGuard } from './host-guard.js';

const request = (hosts: readonly string[], url = '/') =>
  ({
    url,
    headers: { host: hosts[0] },
    rawHeaders: [...hosts.flatMap((host) => ['Host', host]), 'X-Forwarded-Host', 'localhost'],
  }) as unknown as IncomingMessage;
const guard = (HOST: string, ...ALLOWED_HOSTS: string[]) => new HostGuard({ HOST, ALLOWED_HOSTS });

describe('HostGuard', () => {
  const loopback = guard('127.0.0.1', 'API.example.');

  it.each(['localhost', 'LocalHost:8000', 'localhost.', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:8000'])(
    'lets a server on loopback be called %s',
    (host) => {
      for (const bound of ['127.0.0.1', 'localhost', '::1']) {
        expect(guard(bound).refusalOf(request([host]))).toBeUndefined();
      }
    },
  );

  it.each(['api.example', 'API.example:443', 'api.example.'])('lets it be called %s as the operator says', (host) => {
    expect(loopback.refusalOf(request([host]))).toBeUndefined();
    expect(guard('0.0.0.0', 'api.example').refusalOf(request([host]))).toBeUndefined();
  });

  it.each([
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    'api.example.evil.example',
    'localhost:8000@evil.example',
    'evil.example:127.0.0.1',
    '127.0.0.1.nip.example',
    '[::1].evil.example',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '10.0.0.1',
    'localhost, evil.example',
    'localhost/',
    'http://localhost',
  ])('does not let it be called %j', (host) => {
    expect(loopback.refusalOf(request([host]))?.code).toBe('host_not_allowed');
  });

  it('looks at the host of a target in absolute form, too', () => {
    expect(loopback.refusalOf(request(['localhost'], 'http://localhost:1/x'))).toBeUndefined();
    expect(loopback.refusalOf(request(['localhost'], 'http://evil.example/x'))?.code).toBe('host_not_allowed');
    expect(loopback.refusalOf(request(['evil.example'], 'http://localhost/x'))?.code).toBe('host_not_allowed');
    expect(loopback.refusalOf(request(['localhost'], '/x?http://evil.example/'))).toBeUndefined();
  });

  it('takes one Host and no more', () => {
    expect(loopback.refusalOf(request(['localhost', 'localhost']))?.category).toBe('validation');
    expect(guard('0.0.0.0').refusalOf(request(['a', 'b']))?.category).toBe('validation');
  });

  it("lets probes of a server on the network come by the pod's address, and nothing else, and not on loopback", () => {
    const named = guard('0.0.0.0', 'api.example');
    const probes = ['/health/live', '/health/ready', '/health/startup?x=1'];
    for (const probe of probes) {
      expect(named.refusalOf(request(['10.1.2.3:8000'], probe))).toBeUndefined();
      expect(named.refusalOf(request(['10.1.2.3', '10.1.2.3'], probe))?.category).toBe('validation');
      expect(loopback.refusalOf(request(['evil.example'], probe))?.code).toBe('host_not_allowed');
    }
    for (const url of ['/health', '/health/', '/health/live/x', '/health/livex', '/x?/health/live', '//health/live']) {
      expect(named.refusalOf(request(['10.1.2.3:8000'], url))?.code).toBe('host_not_allowed');
    }
  });

  it('lets a server on the network be called anything, unless the operator names its hosts', () => {
    for (const bound of ['0.0.0.0', '::', '10.0.0.1']) {
      expect(guard(bound).refusalOf(request(['any.example']))).toBeUndefined();
    }
    const named = guard('0.0.0.0', 'api.example');
    expect(named.refusalOf(request(['any.example']))?.code).toBe('host_not_allowed');
    expect(named.refusalOf(request(['localhost']))?.code).toBe('host_not_allowed');
  });
});
