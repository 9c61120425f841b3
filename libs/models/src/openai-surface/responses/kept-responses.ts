import { Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import { NotFoundError, type RequestContext, ValidationError } from '@guildhall/sdk';
import { wrong } from '../faults.js';
import type { Item } from './input-items.js';
import type { KeptResponse } from './response.js';
import { ResponseRepository } from './response.repository.js';

/** How long a conversation may be that is gone on with. */
const MAX_RESPONSES = 1000;
const MAX_BYTES = 20 * 1024 * 1024;

const PREVIOUS = 'previous_response_id';

/** Responses that were stored, and the conversations that they make. */
@Injectable()
export class KeptResponses {
  constructor(
    private readonly database: Database,
    private readonly responses: ResponseRepository,
  ) {}

  keep(ctx: RequestContext, kept: KeptResponse): Promise<void> {
    return this.responses.insert(this.database.manager, ctx, kept);
  }

  async get(ctx: RequestContext, id: string): Promise<KeptResponse> {
    const kept = await this.responses.find(this.database.manager, ctx, id);
    if (!kept) throw new NotFoundError('response', id);
    return kept;
  }

  async delete(ctx: RequestContext, id: string): Promise<void> {
    if (!(await this.responses.remove(this.database.manager, ctx, id))) throw new NotFoundError('response', id);
  }

  /** The response that a request goes on from. */
  async previous(ctx: RequestContext, id: string): Promise<KeptResponse> {
    const kept = await this.responses.find(this.database.manager, ctx, id);
    if (!kept) throw notFound(`There is no stored response '${id}' to go on from`);
    if (kept.response.status === 'completed' || kept.response.status === 'incomplete') return kept;
    throw wrong(PREVIOUS, `The response '${id}' has failed: go on from the one before it`);
  }

  /** All that was said up to this response and in it, oldest first. */
  async conversation(ctx: RequestContext, id: string): Promise<readonly Item[]> {
    const { manager } = this.database;
    const links = await this.responses.links(manager, ctx, id, MAX_RESPONSES);
    if (links.length === MAX_RESPONSES || links.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_BYTES) {
      throw wrong(PREVIOUS, `The conversation of '${id}' is too long to go on with: begin another with a summary`);
    }
    const gone = links.at(-1)?.previousId;
    if (gone) throw notFound(`The conversation of '${id}' has a gap: its response '${gone}' is gone`);
    const ids = links.map((link) => link.id).toReversed();
    const kept = new Map((await this.responses.use(manager, ctx, ids)).map((one) => [one.id, one]));
    return ids.flatMap((one) => {
      const turn = kept.get(one);
      if (!turn) throw notFound(`The conversation of '${id}' has a gap: its response '${one}' is gone`);
      return [...turn.input, ...turn.response.output];
    });
  }
}

function notFound(message: string): ValidationError {
  const code = 'previous_response_not_found';
  return new ValidationError(message, [{ path: PREVIOUS, code, message }], code);
}
