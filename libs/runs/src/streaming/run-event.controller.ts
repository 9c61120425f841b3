import { Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { ApiGoneResponse, ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData, Ctx, Page, RequireScopes, WantsStream } from '@guildhall/core';
import { type RequestContext, ValidationError } from '@guildhall/sdk';
import { isTerminal } from '../run.js';
import { RunEventDto, RunEventsQuery } from './run-event.dto.js';
import { RunEventRepository } from './run-event.repository.js';
import { RunStreams } from './run-streams.js';

@ApiTags('runs')
@Controller({ path: 'runs/:id/events', version: '1' })
export class RunEventController {
  constructor(
    private readonly events: RunEventRepository,
    private readonly streams: RunStreams,
  ) {}

  @Get()
  @RequireScopes('runs:read')
  @ApiOperation({
    operationId: 'listRunEvents',
    summary: 'Read the events of a run, oldest first, or follow them as a stream',
    description:
      'With `Accept: text/event-stream` the stream goes on until the run has ended. `Last-Event-ID`, or `after`, resumes anywhere; after the last event of an ended run it answers 204, at which an `EventSource` stops.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Stream only the events after this one' })
  @ApiData(RunEventDto, { list: 'page', events: RunEventDto })
  @ApiNoContentResponse({ description: 'The run has ended, and the event named was its last: nothing will follow' })
  @ApiGoneResponse({ description: 'The events, or those up to the one named, are no longer kept' })
  async list(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: RunEventsQuery,
    @WantsStream() stream: boolean,
    // Spelled as above, which makes the two one parameter.
    @Headers('Last-Event-ID') lastEventId?: string,
  ): Promise<Page<RunEventDto> | Response> {
    const named = seqOf(lastEventId) ?? query.after;
    const { threadId, after, status, lastSeq } = await this.events.startOf(ctx, id, named);
    if (stream) {
      const isOver = isTerminal(status) && named !== undefined && after >= lastSeq;
      return isOver ? new Response(null, { status: 204 }) : this.streams.open(ctx, { id, threadId }, after);
    }
    const { limit } = query;
    const events = await this.events.after(ctx, { runId: id, threadId }, after, { limit });
    // Whoever reads on names the last `seq`, as a stream does.
    return Page.of(events, limit, () => null);
  }
}

function seqOf(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const message = 'Send the id of the last event you got, a whole number';
  throw new ValidationError('The Last-Event-ID header is not understood', [
    { path: 'header.last-event-id', code: 'invalid_event_id', message },
  ]);
}
