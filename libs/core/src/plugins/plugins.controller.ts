import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { ApiData } from '../http/api-data.decorator.js';
import { pageOfCatalogue } from '../http/catalogue.js';
import { Ctx } from '../http/context.decorator.js';
import { Cursors, type Page, PageQuery } from '../http/pagination.js';
import { SystemAdministratorOnly } from '../security/access.decorators.js';
import { ContributionRegistry } from './contribution-registry.js';
import { PluginDto, toPluginDto } from './plugin.dto.js';
import { PluginManager } from './plugin-manager.js';
import { PluginStates } from './plugin-state.js';

@ApiTags('plugins')
@Controller({ path: 'plugins', version: '1' })
export class PluginsController {
  constructor(
    private readonly states: PluginStates,
    private readonly manager: PluginManager,
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
  @ApiOperation({ operationId: 'enablePlugin', summary: 'Start a plugin, in this process and until it ends' })
  @ApiData(PluginDto)
  async enable(@Param('id') id: string): Promise<PluginDto> {
    return toPluginDto(await this.manager.enable(id), this.contributions.all());
  }

  @Post(':id/disable')
  @HttpCode(200)
  @SystemAdministratorOnly()
  @ApiOperation({ operationId: 'disablePlugin', summary: 'Stop a plugin, in this process and until it ends' })
  @ApiData(PluginDto)
  async disable(@Param('id') id: string): Promise<PluginDto> {
    return toPluginDto(await this.manager.disable(id), this.contributions.all());
  }
}
