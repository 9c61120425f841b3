import { Controller, Injectable, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Plugin, Tool } from '@guildhall/sdk';
import { z } from 'zod';
import { ContributionRegistry } from './contribution-registry.js';
import { moduleOwners } from './module-owners.js';
import { PluginAvailabilityGuard } from './plugin-availability.guard.js';
import { PluginStates } from './plugin-state.js';

const tool = (name: string) => Tool({ name, description: name, input: z.object({}), effect: 'read' });

@tool('hammer')
class Hammer {}
@tool('saw')
class Saw {}
@Injectable()
class Plain {}
@Controller('workshop')
class WorkshopController {}

@Module({ providers: [Saw] })
class SawModule {}
@Module({})
class DynamicPart {}

@Plugin({
  id: 'workshop',
  version: '1.0.0',
  compat: '^0.1.0',
  imports: [SawModule, { module: DynamicPart, providers: [Plain], imports: [] }],
  providers: [Hammer, Plain, { provide: 'other name', useExisting: Hammer }],
  controllers: [WorkshopController],
})
class WorkshopPlugin {}

@tool('hammer')
class OtherHammer {}
@Plugin({ id: 'rival', version: '1.0.0', compat: '^0.1.0', imports: [WorkshopPlugin], providers: [OtherHammer] })
class RivalPlugin {}

async function compose(...modules: (typeof WorkshopPlugin)[]) {
  const testing = await Test.createTestingModule({ imports: modules }).compile();
  const states = new PluginStates(
    modules.map((module) => ({
      descriptor: { id: module === RivalPlugin ? 'rival' : 'workshop', version: '1.0.0', compat: '^0.1.0' },
      module,
      config: {},
      essential: false,
    })),
  );
  const container = testing.get(ModulesContainer);
  return { states, container, registry: new ContributionRegistry(container, states) };
}

describe('ContributionRegistry', () => {
  it('finds decorated providers of a plugin and its parts, once each, and attributes them', async () => {
    const { registry } = await compose(WorkshopPlugin);
    const found = registry.all().map(({ kind, name, pluginId }) => ({ kind, name, pluginId }));
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ kind: 'tool', name: 'hammer', pluginId: 'workshop' });
    expect(found).toContainEqual({ kind: 'tool', name: 'saw', pluginId: 'workshop' });
    expect(registry.find('tool', 'saw')?.instance).toBeInstanceOf(Saw);
    expect(registry.find('worker', 'saw')).toBeUndefined();
  });

  it('shows what plugins contribute only while they are available', async () => {
    const { registry, states } = await compose(WorkshopPlugin);
    expect(registry.list('tool')).toHaveLength(2);
    states.set('workshop', 'stopped');
    expect(registry.list('tool')).toEqual([]);
    states.set('workshop', 'active');
    expect(registry.list('tool')).toHaveLength(2);
  });

  it.each(['stopped', 'degraded', 'skipped'] as const)(
    'tells what a plugin that is %s has from what nobody has',
    async (status) => {
      const { registry, states } = await compose(WorkshopPlugin);
      states.set('workshop', status);
      const message = `The tool 'saw' belongs to plugin 'workshop', which is ${status}`;
      const refusal = { code: 'plugin_unavailable', category: 'unavailable', retryable: true, message };
      expect(() => registry.find('tool', 'saw')).toThrow(expect.objectContaining(refusal));
      expect(registry.find('tool', 'axe')).toBeUndefined();
      expect(registry.find('worker', 'saw')).toBeUndefined();
    },
  );

  it('refuses a name that two plugins claim, naming both', async () => {
    const { registry } = await compose(WorkshopPlugin, RivalPlugin);
    expect(() => registry.all()).toThrow('Plugins contribute the same name twice');
    try {
      registry.all();
    } catch (error) {
      const [fault] = (error as { details: { message: string }[] }).details;
      expect(fault!.message).toMatch(/^tool 'hammer' is contributed by plugin '\w+' and plugin '\w+'/);
      expect(fault!.message).toContain("'workshop'");
      expect(fault!.message).toContain("'rival'");
    }
  });
});

describe('moduleOwners', () => {
  it('gives a plugin what it imports, but not another plugin, and the rest to core', () => {
    const ownerOf = moduleOwners([RivalPlugin, WorkshopPlugin]);
    const owners = [RivalPlugin, WorkshopPlugin, SawModule, DynamicPart, class Unknown {}].map(ownerOf);
    expect(owners).toEqual(['rival', 'workshop', 'workshop', 'workshop', 'core']);
  });
});

describe('PluginAvailabilityGuard', () => {
  it('answers 503 on the routes of a plugin that is not available', async () => {
    const { container, states } = await compose(WorkshopPlugin);
    const guard = new PluginAvailabilityGuard(container, states);
    const host = { getClass: () => WorkshopController } as never;
    expect(guard.canActivate(host)).toBe(true);
    states.set('workshop', 'degraded', 'no luck');
    expect(() => guard.canActivate(host)).toThrow("Plugin 'workshop', which serves this route, is degraded");
    expect(guard.canActivate({ getClass: () => class Other {} } as never)).toBe(true);
  });
});
