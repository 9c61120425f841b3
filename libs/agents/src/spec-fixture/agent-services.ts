import { z } from 'zod';
import {
  type AgentKindOptions,
  type CollectionDirectory,
  type ProviderDirectory,
  type RequestContext,
  type ToolExecutor,
  ValidationError,
} from '@guildhall/sdk';
import { type Cache, type Contributions, Cursors, type Database } from '@guildhall/core';
import { AgentCatalogService } from '../agent-catalog.service.js';
import { AgentVersionRepository } from '../agent-version.repository.js';
import { AgentVersionService } from '../agent-version.service.js';
import { AgentRepository } from '../agent.repository.js';
import { AgentService } from '../agent.service.js';
import { DefinitionChecker } from '../definition/definition-checker.js';

const silent = () => {};
const context = (tenantId: string, keyId = 'key_1'): RequestContext => ({
  tenantId,
  actor: { kind: 'api-key', id: keyId, scopes: ['*'] },
  requestId: 'req_1',
  signal: new AbortController().signal,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
});
export const ctx = context('ten_1');
export const stranger = context('ten_2');

const kinds: AgentKindOptions[] = [
  { kind: 'tool-loop', description: '' },
  { kind: 'graph', description: '', definition: z.object({ graph: z.object({}) }) },
];
export const contributions = { list: () => kinds.map((options) => ({ options })) } as unknown as Contributions;
const tools = {
  describe: async (_: RequestContext, names: readonly string[]) => {
    const faults = names.flatMap((name, i) =>
      name === 'calculator' ? [] : [{ path: `tools[${i}]`, code: 'invalid_reference', message: `no ${name}` }],
    );
    if (faults.length > 0) throw new ValidationError('unknown tools', faults, 'invalid_reference');
    return [];
  },
} as unknown as ToolExecutor;
export const collections: CollectionDirectory = {
  missing: async ({ tenantId }, ids) => ids.filter((id) => tenantId !== 'ten_1' || id !== 'col_mine'),
  filterFaults: () => [],
};
export const providers: ProviderDirectory = {
  missing: async ({ tenantId }, ids) => ids.filter((id) => tenantId !== 'ten_1' || id !== 'groq'),
};
const cursors = new Cursors({ for: () => Buffer.alloc(32, 7) } as never);

/** Keeps nothing, and hands on what would come out of a cache: JSON. */
const cache = {
  wrap: async (_key: string, load: () => Promise<unknown>) => JSON.parse(JSON.stringify(await load())) as unknown,
} as unknown as Cache;

/** The services over a database with the tables of agents. */
export function servicesOver(database: Database) {
  const repository = new AgentRepository();
  const frozen = new AgentVersionRepository();
  const catalog = new AgentCatalogService(database, repository, frozen);
  const checker = new DefinitionChecker(contributions, tools, collections, providers);
  return {
    catalog,
    /** As another process would see it: with its own memory. */
    elsewhere: new AgentCatalogService(database, repository, frozen),
    agents: new AgentService(database, repository, frozen, checker, catalog, cursors),
    versions: new AgentVersionService(database, repository, frozen, catalog, cursors, cache),
  };
}
