import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthorizationError, RETRIEVER, type RequestContext, type RetrievalResult } from '@guildhall/sdk';
import type { Retriever } from '@guildhall/sdk';
import { ApiData, Ctx, RequireScopes } from '@guildhall/core';
import { mayNameGroups } from '../documents/visible-documents.js';
import { QueryDto, QueryResultDto } from './query.dto.js';

@ApiTags('collections')
@Controller({ path: 'collections', version: '1' })
export class QueryController {
  constructor(@Inject(RETRIEVER) private readonly retriever: Retriever) {}

  @Post(':id/query')
  @HttpCode(200)
  @RequireScopes('knowledge:read')
  @ApiOperation({
    operationId: 'queryCollection',
    summary: 'Find the chunks that answer a query best',
    description: 'A document with an `acl` is found only for a group in common, named in `groups`.',
  })
  @ApiData(QueryResultDto)
  query(@Ctx() ctx: RequestContext, @Param('id') id: string, @Body() body: QueryDto): Promise<RetrievalResult> {
    refuseUntrustedGroups(ctx, body.groups);
    return this.retriever.retrieve(ctx, { collectionId: id, ...body });
  }
}

function refuseUntrustedGroups(ctx: RequestContext, groups: readonly string[] = []): void {
  if (groups.length === 0 || mayNameGroups(ctx)) return;
  throw new AuthorizationError("Naming groups needs a key with the scope 'knowledge:groups'");
}
