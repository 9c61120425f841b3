import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { ApiData } from '../http/api-data.decorator.js';
import { pageOfCatalogue } from '../http/catalogue.js';
import { Ctx } from '../http/context.decorator.js';
import { Cursors, type Page, PageQuery } from '../http/pagination.js';
import { SystemAdministratorOnly } from '../security/access.decorators.js';
import { ContributionRegistry } from '../plugins/contribution-registry.js';
import { PluginStates } from '../plugins/plugin-state.js';
import { PluginDto, toPluginDto } from './plugin.dto.js';
import { PluginSwitches } from './plugin-switches.js';

@ApiTags('plugins')
@Controller({ path: 'plugins', version: '1' })
export class PluginsController {
  constructor(
    private readonly states: PluginStates,
    private readonly switches: PluginSwitches,
    private readonly contributions: ContributionRegistry,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listPlugins', summary: 'List the plugins of this process, with what they add' })
  @ApiData(PluginDto, { list: 'page' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Page<PluginDto> {
    const all = this.contributions.all();
    const items = this.states.all().map((state) => toPluginDto(state, all));
    return pageOfCatalogue(this.cursors, ctx, 'plugins', query, items);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getPlugin', summary: 'Show a plugin' })
  @ApiData(PluginDto)
  get(@Param('id') id: string): PluginDto {
    const state = this.states.get(id);
    if (state === undefined) throw new NotFoundError('plugin', id);
    return toPluginDto(state, this.contributions.all());
  }

  @Post(':id/enable')
  @HttpCode(200)
  @SystemAdministratorOnly()
  @ApiOperation({
    operationId: 'enablePlugin',
    summary: 'Let a plugin run again, in every process; tries one again that failed',
  })
  @ApiData(PluginDto)
  async enable(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<PluginDto> {
    return toPluginDto(await this.switches.enable(ctx, id), this.contributions.all());
  }

  @Post(':id/disable')
  @HttpCode(200)
  @SystemAdministratorOnly()
  @ApiOperation({
    operationId: 'disablePlugin',
    summary: 'Stop a plugin in every process, and keep it stopped until it is enabled',
  })
  @ApiData(PluginDto)
  async disable(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<PluginDto> {
    return toPluginDto(await this.switches.disable(ctx, id), this.contributions.all());
  }
}
