import fastify from 'fastify';
import { settingsFrom } from '../config/load-settings.js';
import { Admission } from './admission/admission.js';
import type { MemoryGuard } from '../lifecycle/memory-guard.js';
import { RequestScope, scopeOf, setScope } from './request-scope.js';
import { installTallyHeaders } from './tally-headers.hook.js';

/** The headers of an answer that `work` was done for. */
async function headersOf(showQueries: boolean, work: (scope: RequestScope) => void) {
  const server = fastify();
  server.addHook('onRequest', (request, _reply, done) => {
    setScope(
      request,
      new RequestScope(new Admission(settingsFrom({}), { isShort: false } as MemoryGuard), {
        unlimited: false,
        streamIdleSeconds: 60,
      }),
    );
    done();
  });
  installTallyHeaders(server, showQueries);
  server.get('/', (request) => {
    work(scopeOf(request)!);
    return {};
  });
  const { headers } = await server.inject('/');
  await server.close();
  return { queries: headers['x-query-count'], cache: headers['x-cache'] };
}

describe('the headers of what a request took', () => {
  it('name the deepest level that the cache was asked on', async () => {
    const reads = (...levels: ('L1' | 'L2' | 'MISS')[]) =>
      headersOf(true, ({ tally }) => levels.forEach((level) => tally.read(level)));
    expect((await reads('L1')).cache).toBe('L1');
    expect((await reads('L2', 'L1')).cache).toBe('L2');
    expect((await reads('L1', 'MISS', 'L2')).cache).toBe('MISS');
    expect((await reads()).cache).toBeUndefined();
  });

  it('tell the number of statements to developers only', async () => {
    const three = ({ tally }: RequestScope) => void (tally.queries += 3);
    expect((await headersOf(true, three)).queries).toBe('3');
    expect((await headersOf(true, () => undefined)).queries).toBe('0');
    expect((await headersOf(false, three)).queries).toBeUndefined();
  });
});
