import { Injectable } from '@nestjs/common';
import { Cursors, type Page } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { type RunStepDto, type RunStepListQuery, toRunStepDto } from './run-step.dto.js';
import { RunRepository } from './run.repository.js';
import { shownSteps } from './shown-steps.js';

/** The steps of a run as its readers see them. */
@Injectable()
export class RunSteps {
  constructor(
    private readonly runs: RunRepository,
    private readonly cursors: Cursors,
  ) {}

  /** In the order in which they began. What they hold is read for the page alone. */
  async page(ctx: RequestContext, runId: string, query: RunStepListQuery): Promise<Page<RunStepDto>> {
    const list = `runs/${runId}/steps`;
    const { limit, before: behind } = this.cursors.read(ctx, list, query);
    const all = await this.shown(ctx, runId);
    const rest = behind === undefined ? all : all.slice(all.findIndex(({ id }) => id === behind) + 1);
    const asked = new Map(rest.slice(0, limit + 1).map((step) => [step.id, step]));
    const contents = await this.runs.stepContents(ctx, runId, [...asked.keys()], limit);
    const steps = contents.map((content) => toRunStepDto(asked.get(content.id)!, content));
    return this.cursors.page(ctx, list, query, steps, {}, query.total ? all.length : undefined);
  }

  private async shown(ctx: RequestContext, runId: string) {
    // In this order: what is recorded in between is shown as it is recorded.
    const run = await this.runs.get(ctx, runId);
    const announced = await this.runs.announcedSteps(ctx, runId);
    return shownSteps(run, await this.runs.steps(ctx, runId), announced);
  }
}
