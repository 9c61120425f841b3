import { Injectable } from '@nestjs/common';
import { type EventEnvelope, type Logger, OnEvent } from '@guildhall/sdk';

/** Shows how a plugin hears of what happens elsewhere. */
@Injectable()
export class RunJournal {
  private logger?: Logger;

  open(logger: Logger): void {
    this.logger = logger;
  }

  @OnEvent('run.succeeded')
  onRunSucceeded({ data }: EventEnvelope<'run.succeeded'>): void {
    this.logger?.debug({ runId: data.runId }, 'A run has succeeded');
  }
}
