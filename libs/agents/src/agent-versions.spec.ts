import { PageQuery } from '@guildhall/core';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { AgentCatalogService } from './agent-catalog.service.js';
import type { AgentVersionService } from './agent-version.service.js';
import type { AgentService } from './agent.service.js';
import { Agents1763700400000 } from './migrations/0001-agents.js';
import { ctx, servicesOver } from './spec-fixture/agent-services.js';

let testing: TestDatabase;
let agents: AgentService;
let versions: AgentVersionService;
let catalog: AgentCatalogService;
/** As another process would see it: with its own memory. */
let elsewhere: AgentCatalogService;

beforeAll(async () => {
  testing = await testDatabase({ migrations: [Agents1763700400000] });
  const { database } = await testing.connect();
  ({ agents, versions, catalog, elsewhere } = servicesOver(database));
});

afterAll(() => testing.close());

const create = (fields: object = {}) => agents.create(ctx, { name: 'support', ...fields });

describe('versions', () => {
  it('freeze the draft; publishing retires the one before', async () => {
    const { id } = await create({ instructions: 'One' });
    await agents.update(ctx, id, { instructions: 'Two' });
    expect(await versions.freeze(ctx, id, 'Better')).toMatchObject({ version: 2, status: 'draft', note: 'Better' });
    expect(await catalog.resolve(ctx, id)).toMatchObject({ version: 1 });
    expect(await catalog.resolve(ctx, id, 2)).toMatchObject({ version: 2, definition: { instructions: 'Two' } });
    expect(await versions.publish(ctx, id, 2)).toMatchObject({ version: 2, status: 'published' });
    expect(await versions.get(ctx, id, 1)).toMatchObject({ status: 'retired', definition: { instructions: 'One' } });
    expect(await agents.get(ctx, id)).toMatchObject({ publishedVersion: 2, draftChanged: false });
    expect(await catalog.resolve(ctx, id)).toMatchObject({ version: 2 });
  });

  it('roll back to one that was published before', async () => {
    const { id } = await create({ instructions: 'One' });
    await agents.update(ctx, id, { instructions: 'Two' });
    await versions.freeze(ctx, id, undefined);
    await expect(versions.rollback(ctx, id, 2)).rejects.toMatchObject({ code: 'version_never_published' });
    await versions.publish(ctx, id, 2);
    expect(await versions.rollback(ctx, id, 1)).toMatchObject({ version: 1, status: 'published' });
    expect(await versions.get(ctx, id, 2)).toMatchObject({ status: 'retired' });
    expect(await agents.get(ctx, id)).toMatchObject({
      publishedVersion: 1,
      draftChanged: true,
      draft: { instructions: 'Two' },
    });
  });

  it('stay published when published again', async () => {
    const { id, revision } = await create();
    expect(await versions.publish(ctx, id, 1)).toMatchObject({ status: 'published' });
    expect(await agents.get(ctx, id)).toMatchObject({ revision });
  });

  it('are numbered without gap or clash by people who freeze at the same time', async () => {
    const { id } = await create();
    const made = await Promise.all(Array.from({ length: 5 }, () => versions.freeze(ctx, id, undefined)));
    expect(made.map(({ version }) => version).toSorted()).toEqual([2, 3, 4, 5, 6]);
  });

  it('that do not exist are said not to', async () => {
    const { id } = await create();
    const unknown = { code: 'agent_version_not_found' };
    await expect(versions.get(ctx, id, 2)).rejects.toMatchObject(unknown);
    await expect(versions.publish(ctx, id, 2)).rejects.toMatchObject(unknown);
    await expect(versions.rollback(ctx, id, 2)).rejects.toMatchObject(unknown);
    await expect(catalog.resolve(ctx, id, 2)).rejects.toMatchObject(unknown);
  });

  it('are listed newest first, in pages', async () => {
    const { id } = await create();
    for (let n = 2; n <= 11; n++) await versions.freeze(ctx, id, `v${n}`);
    const first = await versions.list(ctx, id, Object.assign(new PageQuery(), { limit: 6, total: true }));
    expect(first.items.map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6]);
    expect(first.pagination).toMatchObject({ hasMore: true, total: 11 });
    const cursor = first.pagination.nextCursor!;
    const rest = await versions.list(ctx, id, Object.assign(new PageQuery(), { limit: 6, cursor }));
    expect(rest.items.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
  });
});

describe('the catalogue of agents for runs', () => {
  it('answers from memory, and sees what another process published within a second', async () => {
    const { id } = await create({ instructions: 'One' });
    expect(await elsewhere.resolve(ctx, id)).toMatchObject({ version: 1 });
    await versions.freeze(ctx, id, undefined);
    await versions.publish(ctx, id, 2);
    expect(await catalog.resolve(ctx, id)).toMatchObject({ version: 2 });
    expect(await elsewhere.resolve(ctx, id)).toMatchObject({ version: 1 });
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1000);
    expect(await elsewhere.resolve(ctx, id)).toMatchObject({ version: 2 });
    clock.mockRestore();
  });
});
