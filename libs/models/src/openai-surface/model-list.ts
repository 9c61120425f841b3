import { Injectable } from '@nestjs/common';
import type { RequestContext } from '@guildhall/sdk';
import { ProviderService } from '../provider.service.js';
import { AgentChat } from './agent-chat.js';
import { modelNotFound } from './model-name.js';

export interface OpenAiModel {
  readonly id: string;
  readonly object: 'model';
  /** Seconds of the epoch; 0 for models whose birthday nobody knows. */
  readonly created: number;
  readonly owned_by: string;
}

const model = (id: string, owner: string, created = 0): OpenAiModel => ({
  id,
  object: 'model',
  created,
  owned_by: owner,
});

/** All that a client may put into `model`. */
@Injectable()
export class ModelList {
  constructor(
    private readonly providers: ProviderService,
    private readonly agents: AgentChat,
  ) {}

  async list(ctx: RequestContext): Promise<OpenAiModel[]> {
    const [models, agents] = await Promise.all([this.providers.models(ctx), this.agents.names(ctx)]);
    return [
      model('default', 'guildhall'),
      ...models.filter(({ status }) => status === 'available').map(({ id, provider }) => model(id, provider)),
      ...agents.map(({ name, createdAt }) => {
        return model(`agent/${name}`, 'guildhall', Math.floor(createdAt.getTime() / 1000));
      }),
    ];
  }

  async get(ctx: RequestContext, id: string): Promise<OpenAiModel> {
    const found = (await this.list(ctx)).find((one) => one.id === id);
    if (!found) throw modelNotFound(id);
    return found;
  }
}
