import type { Logger, PluginHooks, RequestContext } from '@guildhall/sdk';
import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '../../libs/core/src/database/database.js';
import { InProcessEventBus } from '../../libs/core/src/events/in-process-event-bus.js';
import { PluginManager } from '../../libs/core/src/plugins/plugin-manager.js';
import { PluginRuntime } from '../../libs/core/src/plugins/plugin-runtime.js';
import { PluginStates, type PluginStatus } from '../../libs/core/src/plugins/plugin-state.js';
import { Audit } from '../../libs/core/src/security/audit.js';
import { securityMigrations } from '../../libs/core/src/security/security.module.js';
import { DisabledPlugins1763700035000 } from '../../libs/core/src/plugin-control/migrations/0001-disabled-plugins.js';
import { PluginSwitchRepository } from '../../libs/core/src/plugin-control/plugin-switch.repository.js';
import { PluginSwitches } from '../../libs/core/src/plugin-control/plugin-switches.js';

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ctx: RequestContext = {
  tenantId: 'default',
  actor: { kind: 'api-key', id: 'key_admin', scopes: ['*'] },
  requestId: 'req_1',
  signal: new AbortController().signal,
  logger: silent,
};

describe('switching plugins', () => {
  let testing: TestDatabase;
  let database: Database;
  const running: PluginSwitches[] = [];

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [...securityMigrations, DisabledPlugins1763700035000] });
    ({ database } = await testing.connect());
  });
  afterEach(async () => {
    for (const switches of running.splice(0)) await switches.beforeApplicationShutdown();
    await database.pool.query('DELETE FROM disabled_plugins');
  });
  afterAll(() => testing.close());

  /** One process over the database that all share. */
  function processOf(hooks: PluginHooks = {}, on: Pick<Database, 'listen' | 'manager' | 'transaction'> = database) {
    const describe = (id: string, requires: string[] = []) => ({
      descriptor: { id, version: '1.0.0', compat: '^0.1.0', requires },
      module: class {},
      config: {},
      essential: false,
    });
    const plugins = [describe('mail'), describe('letters', ['mail'])];
    const states = new PluginStates(plugins);
    const bus = new InProcessEventBus(silent, (owner) => states.isAvailable(owner));
    const runtimes = plugins.map((plugin) => {
      const { id } = plugin.descriptor;
      return [id, new PluginRuntime(plugin, () => (id === 'mail' ? hooks : {}), silent, bus)] as const;
    });
    const manager = new PluginManager(new Map(runtimes), states, bus, silent);
    const switches = new PluginSwitches(on as Database, new PluginSwitchRepository(), manager, new Audit(), silent);
    running.push(switches);
    const becomes = async (status: PluginStatus) => {
      while (manager.stateOf('mail').status !== status) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    return { switches, states, becomes, statusOf: (id: string) => manager.stateOf(id).status };
  }

  it('reaches every process, whichever was asked, and those that start later', async () => {
    const [one, two] = [processOf(), processOf()];
    await one.switches.start();
    await two.switches.start();
    await expect(one.switches.disable(ctx, 'mail')).rejects.toMatchObject({ code: 'plugin_required' });
    expect(await one.switches.disable(ctx, 'letters')).toMatchObject({ status: 'stopped' });
    const state = await one.switches.disable(ctx, 'mail');
    expect(state).toMatchObject({ status: 'stopped', reason: 'disabled by an administrator' });
    await two.becomes('stopped');

    const restarted = processOf();
    await restarted.switches.start();
    expect([restarted.statusOf('mail'), restarted.statusOf('letters')]).toEqual(['stopped', 'stopped']);

    expect(await two.switches.enable(ctx, 'mail')).toMatchObject({ status: 'active' });
    await one.becomes('active');
    await restarted.becomes('active');
    expect(restarted.statusOf('letters')).toBe('stopped');
  });

  it('is written down with who did it, and nothing is that was refused', async () => {
    const { switches } = processOf();
    await switches.start();
    await expect(switches.disable(ctx, 'nobody')).rejects.toMatchObject({ code: 'plugin_not_found' });
    await switches.disable(ctx, 'letters');
    await switches.enable(ctx, 'letters');
    const { rows } = await database.pool.query(
      `SELECT action, target_id, actor_id FROM audit_events WHERE target_id <> 'mail' ORDER BY at DESC, id DESC LIMIT 2`,
    );
    expect(rows).toEqual([
      { action: 'plugin.enabled', target_id: 'letters', actor_id: 'key_admin' },
      { action: 'plugin.disabled', target_id: 'letters', actor_id: 'key_admin' },
    ]);
  });

  it('starts none that is switched off, and catches up with what it missed while it was not connected', async () => {
    await database.pool.query(`INSERT INTO disabled_plugins (id, disabled_by) VALUES ('mail', 'key_admin')`);
    const begun: string[] = [];
    let reconnect = () => {};
    const deaf = {
      manager: database.manager,
      transaction: database.transaction.bind(database),
      listen: async (_channel: string, _onPayload: unknown, onReconnect: () => void) => {
        reconnect = onReconnect;
        return { close: async () => {} };
      },
    };
    const process = processOf({ init: () => void begun.push('init') }, deaf);
    await process.switches.start();
    expect([begun, process.statusOf('mail'), process.statusOf('letters')]).toEqual([[], 'stopped', 'skipped']);
    await database.pool.query('DELETE FROM disabled_plugins');
    reconnect();
    await process.becomes('active');
    expect(begun).toEqual(['init']);
  });

  it('says why one does not start, keeps it switched on, and tries it again when asked to', async () => {
    let broken = true;
    const start = () => (broken ? Promise.reject(new Error('no such host')) : undefined);
    const process = processOf({ start });
    await database.pool.query(`INSERT INTO disabled_plugins (id, disabled_by) VALUES ('mail', 'key_admin')`);
    await process.switches.start();
    await expect(process.switches.enable(ctx, 'mail')).rejects.toMatchObject({
      code: 'plugin_unavailable',
      message: expect.stringContaining('no such host'),
    });
    expect(process.statusOf('mail')).toBe('degraded');
    broken = false;
    expect(await process.switches.enable(ctx, 'mail')).toMatchObject({ status: 'active' });
  });

  it('takes a database that is not migrated yet for one in which nothing is switched off', async () => {
    const { manager } = database;
    const older = { query: (text: string) => manager.query(text.replace('disabled_plugins', 'not_migrated_yet')) };
    const listen: Database['listen'] = (...channel) => database.listen(...channel);
    const process = processOf({}, { listen, manager: older as Database['manager'], transaction: jest.fn() as never });
    await process.switches.start();
    expect(process.statusOf('mail')).toBe('active');
  });
});
