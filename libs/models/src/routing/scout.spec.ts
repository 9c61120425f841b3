import { type Logger, type ModelClient, type ProviderModel, UpstreamError } from '@guildhall/sdk';
import { Standing } from '../registry/standing.js';
import { Scout } from './scout.js';

type List = () => Promise<readonly ProviderModel[]>;

const refused = (code: string, retryable = false) => new UpstreamError(code, `It says ${code}`, { retryable });
const fails = (error: unknown): List => jest.fn<ReturnType<List>, []>(() => Promise.reject(error));
const works: List = async () => [];

function scouting(...lists: (List | undefined)[]) {
  const clock = { at: 0, now: () => clock.at };
  const standing = new Standing();
  const clients = lists.map((listModels): ModelClient => ({
    generate: () => Promise.reject(new Error('not called: it costs')),
    ...(listModels ? { listModels } : {}),
  }));
  const logger = { warn: () => undefined } as unknown as Logger;
  return { clock, standing, scout: new Scout({ provider: 'p', clients, standing, clock, everyMs: 1000, logger }) };
}

describe('a scout', () => {
  it.each<[string, List | undefined, string]>([
    ['lists its models', works, 'proven'],
    ['cannot be reached', fails(refused('provider_unavailable', true)), 'failed'],
    ['does not take the key', fails(refused('provider_unavailable')), 'failed'],
    ['breaks in an unknown way', fails(new TypeError('fetch failed')), 'failed'],
    ['has no such list', fails(refused('provider_refused')), 'undecided'],
    ['lists something else', fails(refused('provider_malformed_reply', true)), 'undecided'],
    ['cannot be asked for it', undefined, 'undecided'],
  ])('judges a provider that %s', async (_, list, kind) => {
    const { scout, standing } = scouting(list);
    await scout.look();
    expect(standing.verdict.kind).toBe(kind);
  });

  it('takes a provider for good if one of its endpoints answers', async () => {
    const { scout, standing } = scouting(fails(refused('provider_unavailable')), works);
    await scout.look();
    expect(standing.isProven).toBe(true);
  });

  it('asks anew while somebody wants a provider that failed, no sooner than its pause', async () => {
    const list = fails(refused('provider_unavailable'));
    const { clock, scout } = scouting(list);
    scout.wanted();
    await scout.look();
    scout.wanted();
    expect(list).toHaveBeenCalledTimes(1);
    clock.at = 1000;
    scout.wanted();
    scout.wanted();
    await scout.look();
    expect(list).toHaveBeenCalledTimes(2);
  });

  it('leaves it to calls where the list says nothing', async () => {
    const list = fails(refused('provider_refused'));
    const { clock, scout } = scouting(list);
    await scout.look();
    clock.at = 1000;
    scout.wanted();
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('learns nothing once the provider is no longer in use', async () => {
    const { scout, standing } = scouting(() => new Promise(() => undefined));
    const looked = scout.look();
    scout.stop();
    await looked;
    expect(standing.verdict.kind).toBe('unasked');
  });
});
