import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { NotFoundError, type WorkerHandler, type WorkerOptions } from '@guildhall/sdk';
import { CONTRIBUTIONS, type CatalogueItemDto, type Contribution, type Contributions } from '@guildhall/core';

type WorkerContribution = Contribution<WorkerHandler, WorkerOptions>;

const OWN_PLUGIN = 'workers';

/** The workers that code brings, ours and those of plugins. The run engine runs them; this only shows them. */
@Injectable()
export class WorkerCatalogue {
  private readonly items = new WeakMap<WorkerHandler, CatalogueItemDto>();

  constructor(@Inject(CONTRIBUTIONS) private readonly contributions: Contributions) {}

  list(): CatalogueItemDto[] {
    return this.contributions.list<WorkerHandler, WorkerOptions>('worker').map((worker) => this.item(worker));
  }

  get(id: string): CatalogueItemDto {
    const worker = this.contributions.find<WorkerHandler, WorkerOptions>('worker', id);
    if (!worker) throw new NotFoundError('worker', id);
    return this.item(worker);
  }

  private item(worker: WorkerContribution): CatalogueItemDto {
    const item = this.items.get(worker.instance) ?? toItem(worker);
    this.items.set(worker.instance, item);
    return item;
  }
}

function toItem({ options, pluginId }: WorkerContribution): CatalogueItemDto {
  const { name, description, data } = options;
  const kind = pluginId === OWN_PLUGIN ? 'builtin' : 'plugin';
  const schema = z.toJSONSchema(data, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' });
  const { $schema: _, ...inputSchema } = schema;
  return { id: name, kind, name, description, plugin: pluginId, status: 'active', inputSchema };
}
