import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { ApiData } from '../http/api-data.decorator.js';
import { Ctx } from '../http/context.decorator.js';
import { type Page, PageQuery } from '../http/pagination.js';
import { Reply } from '../http/reply.js';
import { RequireScopes, SystemAdministratorOnly } from './access.decorators.js';
import { CreateTenantDto, CreatedTenantDto, TenantDto, toCreatedTenantDto, toTenantDto } from './tenant.dto.js';
import { TenantService } from './tenant.service.js';

@ApiTags('tenants')
@Controller({ path: 'tenants', version: '1' })
@RequireScopes('admin')
export class TenantController {
  constructor(private readonly tenants: TenantService) {}

  @Post()
  @SystemAdministratorOnly()
  @ApiOperation({
    operationId: 'createTenant',
    summary: 'Create a tenant and its first administrator key (system administrator only)',
  })
  @ApiData(CreatedTenantDto, { status: 201 })
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateTenantDto): Promise<Reply<CreatedTenantDto>> {
    const { tenant, minted } = await this.tenants.create(ctx, body.name);
    return new Reply(toCreatedTenantDto(tenant, minted), {
      status: 201,
      location: `/api/v1/tenants/${tenant.id}`,
      headers: { 'cache-control': 'no-store' },
    });
  }

  @Get()
  @ApiOperation({ operationId: 'listTenants', summary: 'List tenants: all for the system administrator, else its own' })
  @ApiData(TenantDto, { list: 'page' })
  async list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<TenantDto>> {
    return (await this.tenants.list(ctx, query)).map(toTenantDto);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getTenant', summary: 'Show a tenant' })
  @ApiData(TenantDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<TenantDto> {
    return toTenantDto(await this.tenants.get(ctx, id));
  }
}
