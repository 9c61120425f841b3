import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData, Ctx, Database, RequireScopes } from '@guildhall/core';
import { type RequestContext, ValidationError } from '@guildhall/sdk';
import { UsageBook } from './usage-book.js';
import { usagePeriod } from './usage-period.js';
import { UsageQuery, UsageRowDto, toGroups } from './usage.dto.js';
import { UsageRepository } from './usage.repository.js';

const MAX_ROWS = 10_000;

@ApiTags('usage')
@Controller({ path: 'usage', version: '1' })
export class UsageController {
  constructor(
    private readonly database: Database,
    private readonly book: UsageBook,
    private readonly usage: UsageRepository,
  ) {}

  @Get()
  @RequireScopes('models:read')
  @ApiOperation({
    operationId: 'getUsage',
    summary: 'Add up what model calls used and cost, newest first',
    description:
      'Calls of this process count at once, those of other processes within a quarter of a second. Every attempt counts, the failed ones of a call that another provider answered too.',
  })
  @ApiData(UsageRowDto, { list: 'array' })
  async list(@Ctx() ctx: RequestContext, @Query() query: UsageQuery): Promise<UsageRowDto[]> {
    const period = usagePeriod(query, Date.now());
    await this.book.flush();
    const groupBy = toGroups(query.groupBy);
    const rows = await this.usage.list(this.database.manager, ctx, period, groupBy, query, MAX_ROWS + 1);
    if (rows.length <= MAX_ROWS) return rows;
    const message = `More than ${MAX_ROWS} rows: ask for fewer days, group by less, or name a provider, model, agent or user`;
    throw new ValidationError(message, [{ path: 'groupBy', code: 'too_many_rows', message }]);
  }
}
