import type { ToolExecutor } from '@guildhall/sdk';
import { type Database, PageQuery } from '@guildhall/core';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { AgentCatalogService } from './agent-catalog.service.js';
import type { AgentVersionService } from './agent-version.service.js';
import { toVersionDto } from './agent-version.dto.js';
import { AgentListQuery, toAgentDto } from './agent.dto.js';
import type { AgentService } from './agent.service.js';
import { DefinitionChecker } from './definition/definition-checker.js';
import { Agents1763700400000 } from './migrations/0001-agents.js';
import { collections, contributions, ctx, providers, servicesOver, stranger } from './spec-fixture/agent-services.js';

let testing: TestDatabase;
let database: Database;
let agents: AgentService;
let versions: AgentVersionService;
let catalog: AgentCatalogService;

beforeAll(async () => {
  testing = await testDatabase({ migrations: [Agents1763700400000] });
  ({ database } = await testing.connect());
  ({ agents, versions, catalog } = servicesOver(database));
});

afterAll(() => testing.close());

const create = (fields: object = {}) => agents.create(ctx, { name: 'support', ...fields });
const query = (fields: Partial<AgentListQuery>) => Object.assign(new AgentListQuery(), fields);

describe('agents', () => {
  it('are published as version 1 when they are created, so that they run at once', async () => {
    const agent = await create({ tools: ['calculator'], knowledge: [{ collectionId: 'col_mine' }] });
    expect(toAgentDto(agent)).toMatchObject({
      id: expect.stringMatching(/^agt_/),
      name: 'support',
      kind: 'tool-loop',
      tools: ['calculator'],
      publishedVersion: 1,
      draftChanged: false,
      type: null,
      status: 'active',
      owner: 'key_1',
      isActive: true,
      createdAt: expect.stringMatching(/Z$/),
      archivedAt: null,
    });
    expect(await catalog.resolve(ctx, agent.id)).toEqual({ agentId: agent.id, version: 1, definition: agent.draft });
    expect(toVersionDto(await versions.get(ctx, agent.id, 1))).toMatchObject({ status: 'published', note: null });
  });

  it('are read back as they were written', async () => {
    const agent = await create({
      metadata: { deep: [1, { two: 'zwei ✓' }] },
      type: 'customer_support',
      owner: 'user-42',
    });
    expect(await agents.get(ctx, agent.id)).toEqual(agent);
    expect(toAgentDto(agent)).toMatchObject({ owner: 'user-42', type: 'customer_support' });
  });

  it('are unknown to other tenants', async () => {
    const { id } = await create();
    const unknown = { code: 'agent_not_found', category: 'not_found' };
    await expect(agents.get(stranger, id)).rejects.toMatchObject(unknown);
    await expect(agents.update(stranger, id, { name: 'mine' })).rejects.toMatchObject(unknown);
    await expect(agents.archive(stranger, id)).rejects.toMatchObject(unknown);
    await expect(versions.list(stranger, id, new PageQuery())).rejects.toMatchObject(unknown);
    await expect(versions.get(stranger, id, 1)).rejects.toMatchObject(unknown);
    await expect(versions.freeze(stranger, id, undefined)).rejects.toMatchObject(unknown);
    await expect(versions.publish(stranger, id, 1)).rejects.toMatchObject(unknown);
    await expect(versions.rollback(stranger, id, 1)).rejects.toMatchObject(unknown);
    await expect(catalog.resolve(stranger, id)).rejects.toMatchObject(unknown);
    await expect(catalog.resolve(stranger, id, 1, 'continue')).rejects.toMatchObject({
      code: 'agent_version_not_found',
    });
  });

  it('may refer only to what exists, each fault at its path', async () => {
    const creating = create({
      tools: ['calculator', 'abacus'],
      knowledge: [{ collectionId: 'col_mine' }, { collectionId: 'col_other' }],
      approvals: [{ tool: 'refund', when: 'always' }],
    });
    await expect(creating).rejects.toMatchObject({
      code: 'invalid_reference',
      category: 'validation',
      details: [{ path: 'tools[1]' }, { path: 'approvals[0].tool' }, { path: 'knowledge[1].collectionId' }],
    });
  });

  it('name each fault of an output schema, beside all others', async () => {
    const outputSchema = { type: 'object', properties: { total: { type: 'money' } } };
    const { faults } = await agents.validate(ctx, { name: '', outputSchema });
    expect(faults.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['name', 'outputSchema.properties.total.type']),
    );
    const list = await agents.validate(ctx, { name: 'a', outputSchema: { type: 'array' } });
    expect(list.faults).toEqual([expect.objectContaining({ path: 'outputSchema.type', code: 'not_an_object' })]);
  });

  it.each([[null], ['support'], [[]], [7]])('are not made of %j', async (body) => {
    await expect(agents.create(ctx, body)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('show every fault at once when validated, and store nothing', async () => {
    const before = (await agents.list(ctx, query({ total: true }))).pagination.total;
    const report = await agents.validate(ctx, { name: '', type: 'robot', tools: ['abacus'], colour: 1 });
    expect(report.valid).toBe(false);
    expect(report.faults.map(({ path }) => path).toSorted()).toEqual(['colour', 'name', 'tools[0]', 'type']);
    expect(await agents.validate(ctx, { name: 'fine' })).toEqual({ valid: true, faults: [] });
    expect((await agents.list(ctx, query({ total: true }))).pagination.total).toBe(before);
  });

  it('fail on a fault of the house instead of blaming the caller', async () => {
    const broken = { describe: () => Promise.reject(new Error('registry down')) } as unknown as ToolExecutor;
    const checker = new DefinitionChecker(contributions, broken, collections, providers);
    await expect(checker.check(ctx, { name: 'a' })).rejects.toThrow('registry down');
  });
});

describe('changing an agent', () => {
  it('edits the draft and leaves the published version alone', async () => {
    const { id, draft } = await create({ instructions: 'Old', limits: { maxSteps: 3 } });
    const changed = await agents.update(ctx, id, { instructions: 'New', limits: { timeoutMs: 5000 } });
    expect(changed).toMatchObject({
      draft: { instructions: 'New', limits: { maxSteps: 3, timeoutMs: 5000 } },
      draftChanged: true,
      publishedVersion: 1,
      revision: 2,
    });
    expect((await catalog.resolve(ctx, id)).definition).toEqual(draft);
    expect(await agents.update(ctx, id, draft)).toMatchObject({ draftChanged: false });
  });

  it('resets a field to its default by null', async () => {
    const { id } = await create({ description: 'Words', limits: { maxSteps: 3 }, type: 'customer_support' });
    const { draft, type } = await agents.update(ctx, id, { description: null, limits: null, type: null, status: null });
    expect(draft).not.toHaveProperty('description');
    expect(draft.limits.maxSteps).toBe(25);
    expect(type).toBeNull();
  });

  it('changes what kind it is, with the fields of that kind', async () => {
    const { id } = await create();
    await expect(agents.update(ctx, id, { kind: 'graph' })).rejects.toMatchObject({ details: [{ path: 'graph' }] });
    expect(await agents.update(ctx, id, { kind: 'graph', graph: {} })).toMatchObject({ draft: { graph: {} } });
    const list = await agents.list(ctx, query({ kind: 'graph' }));
    expect(list.items.map((agent) => agent.id)).toContain(id);
  });

  it('refuses a bad change and keeps the agent as it was', async () => {
    const agent = await create();
    await expect(agents.update(ctx, agent.id, { tools: ['abacus'], status: 'asleep' })).rejects.toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'status' }, { path: 'tools[0]' }],
    });
    expect(await agents.get(ctx, agent.id)).toEqual(agent);
  });

  it('refuses a change by who has read an older revision', async () => {
    const { id } = await create();
    await agents.update(ctx, id, { name: 'second' }, ['1']);
    const stale = { code: 'precondition_failed', category: 'conflict' };
    await expect(agents.update(ctx, id, { name: 'third' }, ['1'])).rejects.toMatchObject(stale);
    await expect(agents.archive(ctx, id, ['1'])).rejects.toMatchObject(stale);
    await expect(versions.publish(ctx, id, 1, ['1'])).rejects.toMatchObject(stale);
    expect(await agents.get(ctx, id)).toMatchObject({ draft: { name: 'second' }, archivedAt: null });
  });

  it('loses none of the changes that two people make at the same time', async () => {
    const { id } = await create();
    await Promise.all([agents.update(ctx, id, { name: 'renamed' }), agents.update(ctx, id, { instructions: 'Both' })]);
    expect(await agents.get(ctx, id)).toMatchObject({ draft: { name: 'renamed', instructions: 'Both' }, revision: 3 });
  });

  it('takes it out of service and back', async () => {
    const { id } = await create();
    await agents.update(ctx, id, { isActive: false });
    await expect(catalog.resolve(ctx, id)).rejects.toMatchObject({ code: 'agent_inactive', category: 'conflict' });
    await agents.update(ctx, id, { isActive: true });
    expect(await catalog.resolve(ctx, id)).toMatchObject({ version: 1 });
  });
});

describe('archiving an agent', () => {
  it('takes it out of lists, refuses new runs and changes, and lets its runs go on', async () => {
    const { id } = await create({ owner: 'archivist' });
    expect(await agents.archive(ctx, id)).toMatchObject({ archivedAt: expect.any(Date), isActive: false });
    expect((await agents.list(ctx, query({ owner: 'archivist' }))).items).toEqual([]);
    expect(await agents.get(ctx, id)).toMatchObject({ archivedAt: expect.any(Date) });
    const refused = { code: 'agent_archived', category: 'conflict' };
    await expect(catalog.resolve(ctx, id)).rejects.toMatchObject(refused);
    await expect(catalog.resolve(ctx, id, 1)).rejects.toMatchObject(refused);
    await expect(agents.update(ctx, id, { name: 'undead' })).rejects.toMatchObject(refused);
    await expect(versions.freeze(ctx, id, undefined)).rejects.toMatchObject(refused);
    expect(await catalog.resolve(ctx, id, 1, 'continue')).toMatchObject({ version: 1 });
  });

  it('is done once, however often it is asked for', async () => {
    const { id } = await create();
    const first = await agents.archive(ctx, id);
    expect(await agents.archive(ctx, id)).toEqual(first);
  });
});

describe('listing agents', () => {
  it('filters and pages, newest first', async () => {
    const made = [];
    for (let i = 0; i < 5; i++)
      made.push(await create({ owner: 'lister', type: 'data_analyzer', status: i < 3 ? 'training' : 'active' }));
    await create({ owner: 'somebody else', type: 'data_analyzer' });
    const ids = made.map(({ id }) => id).toReversed();
    const filter = { owner: 'lister', type: 'data_analyzer' as const };
    const first = await agents.list(ctx, query({ ...filter, limit: 3, total: true }));
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(first.pagination).toMatchObject({ count: 3, hasMore: true, total: 5 });
    const second = await agents.list(ctx, query({ ...filter, limit: 3, cursor: first.pagination.nextCursor! }));
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(3));
    expect((await agents.list(ctx, query({ ...filter, status: 'training' }))).items).toHaveLength(3);
    expect((await agents.list(ctx, query({ ...filter, isActive: false }))).items).toEqual([]);
    expect((await agents.list(stranger, query({}))).items).toEqual([]);
  });

  it("finds a user's active agents through the partial index", async () => {
    const source = database.manager.connection.createQueryRunner();
    await source.startTransaction();
    await source.query('SET LOCAL enable_seqscan = off');
    await source.query('DROP INDEX agents_newest');
    const plan: unknown = await source.query(
      `EXPLAIN SELECT id FROM agents WHERE user_id = 'u' AND type = 't' AND status = 's' AND is_active AND tenant_id = 't'`,
    );
    await source.rollbackTransaction();
    await source.release();
    expect(JSON.stringify(plan)).toContain('agents_of_user');
  });
});
