import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Logger, type RequestContext, UnavailableError } from '@guildhall/sdk';
import { Database } from '../database/database.js';
import type { Subscription } from '../database/notification-listener.js';
import { PluginManager } from '../plugins/plugin-manager.js';
import type { PluginState } from '../plugins/plugin-state.js';
import { Audit } from '../security/audit.js';
import { LOGGER } from '../telemetry/logger.js';
import { Track } from '../telemetry/track.decorator.js';
import { PluginSwitchRepository } from './plugin-switch.repository.js';

const CHANNEL = 'guildhall_plugins';
const AGAIN_MS = 500;

/** Switches plugins on and off for good and in every process: each does what the table says, whoever changed it. */
@Injectable()
export class PluginSwitches implements BeforeApplicationShutdown {
  private listening: Subscription | undefined;
  private again: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly switches: PluginSwitchRepository,
    private readonly plugins: PluginManager,
    private readonly audit: Audit,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Starts the plugins that are not switched off, and hears of changes from then on. */
  async start(): Promise<void> {
    await this.plugins.start(await this.switches.off(this.database.manager));
    const { database } = this;
    this.listening = await database.listen(
      CHANNEL,
      (id) => this.hear(id),
      () => this.hear(),
    );
    // What was changed while the plugins started.
    await this.follow();
  }

  @Track('plugin.disable', (_ctx: RequestContext, plugin: string) => ({ plugin }))
  async disable(ctx: RequestContext, id: string): Promise<PluginState> {
    this.plugins.refuseToStop(id);
    await this.store(ctx, id, 'plugin.disabled', (tx) => this.switches.switchOff(tx, ctx, id));
    await this.follow();
    return this.plugins.stateOf(id);
  }

  /** Also tries one again that failed. */
  @Track('plugin.enable', (_ctx: RequestContext, plugin: string) => ({ plugin }))
  async enable(ctx: RequestContext, id: string): Promise<PluginState> {
    this.plugins.refuseToStart(id);
    await this.store(ctx, id, 'plugin.enabled', (tx) => this.switches.switchOn(tx, id));
    await this.follow(id);
    const state = this.plugins.stateOf(id);
    if (state.status === 'active') return state;
    const message = state.reason ?? `Plugin '${id}' is ${state.status}`;
    throw new UnavailableError('plugin_unavailable', message, { retryable: false });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.again);
    await this.listening?.close();
  }

  private store(
    ctx: RequestContext,
    id: string,
    action: string,
    change: (tx: EntityManager) => Promise<void>,
  ): Promise<void> {
    return this.database.transaction(ctx, async (tx) => {
      await change(tx);
      await this.audit.record(ctx, tx, action, { id });
      await tx.query('SELECT pg_notify($1, $2)', [CHANNEL, id]);
    });
  }

  /** Until it has been done: nobody tells it again. */
  private hear(id?: string): void {
    this.follow(id).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'Cannot look which plugins are switched off now; trying again');
      if (!this.closed) this.again = setTimeout(() => this.hear(id), AGAIN_MS).unref();
    });
  }

  private follow(retry?: string): Promise<void> {
    return this.plugins.follow(() => this.switches.off(this.database.manager), retry);
  }
}
