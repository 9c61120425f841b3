import { Global } from '@nestjs/common';
import { Database, HealthRegistry } from '@guildhall/core';
import { MODEL_GATEWAY, PROVIDER_DIRECTORY, Plugin, type PluginHooks } from '@guildhall/sdk';
import { Accounts } from './accounting/accounts.js';
import { BudgetDirectory } from './accounting/budgets/budget-directory.js';
import { BudgetGate } from './accounting/budgets/budget-gate.js';
import { BudgetLedger } from './accounting/budgets/budget-ledger.js';
import { BudgetController } from './accounting/budgets/budget.controller.js';
import { BUDGETS_CHANNEL, BudgetRepository } from './accounting/budgets/budget.repository.js';
import { BudgetService } from './accounting/budgets/budget.service.js';
import { LedgerStore } from './accounting/budgets/ledger-store.js';
import { UsageBook } from './accounting/usage/usage-book.js';
import { UsageController } from './accounting/usage/usage.controller.js';
import { UsageRepository } from './accounting/usage/usage.repository.js';
import { CLOCK, systemClock } from './clock.js';
import { Accounting1763800100000 } from './migrations/0003-accounting.js';
import { Providers1763700300000 } from './migrations/0001-providers.js';
import { ProviderBudgetsAndEndpoints1763800000000 } from './migrations/0002-provider-budgets-and-endpoints.js';
import { ModelResponses1763800200000 } from './migrations/0004-model-responses.js';
import { ProviderStanding1763800400000 } from './migrations/0005-provider-standing.js';
import { ModelController } from './model.controller.js';
import { AgentChat } from './openai-surface/agent-chat.js';
import { AudioController } from './openai-surface/audio/audio.controller.js';
import { Audio } from './openai-surface/audio/audio.service.js';
import { ChatGateway } from './openai-surface/chat-gateway.js';
import { Embeddings } from './openai-surface/embeddings.js';
import { ModelList } from './openai-surface/model-list.js';
import { OpenAiController } from './openai-surface/openai.controller.js';
import { AgentAnswers } from './openai-surface/responses/agent-answers.js';
import { GatewayAnswers } from './openai-surface/responses/gateway-answers.js';
import { KeptResponses } from './openai-surface/responses/kept-responses.js';
import { ResponseRetentionJob } from './openai-surface/responses/response-retention.job.js';
import { ResponseRepository } from './openai-surface/responses/response.repository.js';
import { ResponsesController } from './openai-surface/responses/responses.controller.js';
import { Responses } from './openai-surface/responses/responses.service.js';
import { ProviderController } from './provider.controller.js';
import { ProviderStore } from './provider-store.service.js';
import { ProviderService } from './provider.service.js';
import { AnthropicProvider } from './providers/anthropic/anthropic.provider.js';
import { BuiltinProvider } from './providers/builtin/builtin.provider.js';
import { GoogleProvider } from './providers/google/google.provider.js';
import { OpenAiCompatibleProvider } from './providers/openai-compatible/openai-compatible.provider.js';
import { HuggingFaceProvider, LocalProvider } from './providers/openai-compatible/vendor.providers.js';
import { OpenAiProvider } from './providers/openai/openai.provider.js';
import { ProviderKeys } from './registry/provider-keys.js';
import { ProviderRegistry } from './registry/provider-registry.js';
import { PROVIDERS_CHANNEL, ProviderRepository } from './registry/provider.repository.js';
import { StoredProviders } from './registry/stored-providers.js';
import { Connections } from './routing/connections.js';
import { ModelMetrics } from './routing/model-metrics.js';
import { ModelRouter } from './routing/model-router.js';
import { modelsHealth } from './routing/models-health.js';
import { Routes } from './routing/route.js';

/** Every model behind one contract: providers, the choice among them, and the built-in one that needs nothing. */
@Global()
@Plugin({
  id: 'models',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Model providers, the choice among them, and what they cost',
  migrations: [
    Providers1763700300000,
    ProviderBudgetsAndEndpoints1763800000000,
    Accounting1763800100000,
    ModelResponses1763800200000,
    ProviderStanding1763800400000,
  ],
  controllers: [
    ModelController,
    ProviderController,
    UsageController,
    BudgetController,
    OpenAiController,
    ResponsesController,
    AudioController,
  ],
  providers: [
    { provide: CLOCK, useValue: systemClock },
    ProviderRepository,
    ProviderKeys,
    ProviderStore,
    StoredProviders,
    ProviderRegistry,
    { provide: PROVIDER_DIRECTORY, useExisting: ProviderRegistry },
    ProviderService,
    UsageBook,
    UsageRepository,
    BudgetRepository,
    BudgetDirectory,
    LedgerStore,
    BudgetLedger,
    BudgetGate,
    BudgetService,
    Accounts,
    ModelMetrics,
    Connections,
    Routes,
    ModelRouter,
    { provide: MODEL_GATEWAY, useExisting: ModelRouter },
    ChatGateway,
    AgentChat,
    Embeddings,
    Audio,
    ModelList,
    ResponseRepository,
    KeptResponses,
    GatewayAnswers,
    AgentAnswers,
    Responses,
    ResponseRetentionJob,
    BuiltinProvider,
    OpenAiCompatibleProvider,
    OpenAiProvider,
    AnthropicProvider,
    GoogleProvider,
    HuggingFaceProvider,
    LocalProvider,
  ],
  exports: [MODEL_GATEWAY, PROVIDER_DIRECTORY],
})
export class ModelsModule implements PluginHooks {
  private subscriptions: Awaited<ReturnType<Database['listen']>>[] = [];

  constructor(
    private readonly database: Database,
    private readonly stored: StoredProviders,
    private readonly budgets: BudgetDirectory,
    private readonly ledger: BudgetLedger,
    private readonly book: UsageBook,
    private readonly connections: Connections,
    private readonly metrics: ModelMetrics,
    private readonly components: HealthRegistry,
  ) {}

  init(): void {
    this.metrics.observe(() => this.connections.all());
    this.components.register({ name: 'models', check: () => modelsHealth(this.connections.all()) });
  }

  /** Another process may change a tenant's providers and budgets at any time. */
  async start(): Promise<void> {
    await this.book.start();
    for (const [channel, known] of [
      [PROVIDERS_CHANNEL, this.stored],
      [BUDGETS_CHANNEL, this.budgets],
    ] as const) {
      const refresh = (tenantId: string) => known.refresh(tenantId);
      this.subscriptions.push(await this.database.listen(channel, refresh, () => known.refreshAll()));
    }
  }

  async stop(): Promise<void> {
    this.connections.close();
    for (const subscription of this.subscriptions.splice(0)) await subscription.close();
    await this.ledger.stop();
    await this.book.stop();
  }
}
