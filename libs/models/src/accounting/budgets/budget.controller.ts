import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData, Ctx, IfMatch, type Page, PageQuery, Reply, RequireScopes, type Revisions } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import { BudgetDto, CreateBudgetDto, UpdateBudgetDto } from './budget.dto.js';
import { BudgetService, type ShownBudget } from './budget.service.js';

const IF_MATCH = { name: 'If-Match', required: false, description: 'The ETag last read; another one now: 412' };

@ApiTags('budgets')
@Controller({ path: 'budgets', version: '1' })
export class BudgetController {
  constructor(private readonly budgets: BudgetService) {}

  @Post()
  @RequireScopes('admin')
  @ApiOperation({ operationId: 'createBudget', summary: 'Limit what model calls may cost; it holds at once' })
  @ApiData(BudgetDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateBudgetDto): Promise<Reply<BudgetDto>> {
    const budget = await this.budgets.create(ctx, body);
    return shown(budget, { status: 201, location: `/api/v1/budgets/${budget.dto.id}` });
  }

  @Get()
  @RequireScopes('models:read')
  @ApiOperation({ operationId: 'listBudgets', summary: 'List budgets and what is left of them, newest first' })
  @ApiData(BudgetDto, { list: 'page' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<BudgetDto>> {
    return this.budgets.list(ctx, query);
  }

  @Get(':id')
  @RequireScopes('models:read')
  @ApiOperation({ operationId: 'getBudget', summary: 'Read a budget and what is left of it' })
  @ApiData(BudgetDto, { tagged: true })
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<Reply<BudgetDto>> {
    return shown(await this.budgets.get(ctx, id));
  }

  @Patch(':id')
  @RequireScopes('admin')
  @ApiOperation({ operationId: 'updateBudget', summary: 'Change the limit, the name or the hardness of a budget' })
  @ApiHeader(IF_MATCH)
  @ApiData(BudgetDto)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Body() body: UpdateBudgetDto,
    @IfMatch() revisions?: Revisions,
  ): Promise<Reply<BudgetDto>> {
    return shown(await this.budgets.update(ctx, id, body, revisions));
  }

  @Delete(':id')
  @RequireScopes('admin')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeBudget', summary: 'Remove a budget: it limits nothing any more' })
  @ApiHeader(IF_MATCH)
  @ApiNoContentResponse({ description: 'Removed' })
  async remove(@Ctx() ctx: RequestContext, @Param('id') id: string, @IfMatch() revisions?: Revisions): Promise<void> {
    await this.budgets.remove(ctx, id, revisions);
  }
}

function shown({ dto, revision }: ShownBudget, options: { status?: number; location?: string } = {}): Reply<BudgetDto> {
  return new Reply(dto, { ...options, etag: String(revision) });
}
