import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { ApiData, Ctx, Page, RequireScopes } from '@guildhall/core';
import { DeletedDto } from '../deleted.dto.js';
import { ChunkDto, ChunkListQuery, DocumentDto, DocumentTextDto, toChunkDto, toDocumentDto } from './document.dto.js';
import { DocumentReader } from './document-reader.js';
import { DocumentService } from './document.service.js';
import { VISIBILITY } from './visible-documents.js';

/** A document by its id alone, and what is in it. */
@ApiTags('documents')
@Controller({ path: 'documents', version: '1' })
export class DocumentContentController {
  constructor(
    private readonly documents: DocumentService,
    private readonly reader: DocumentReader,
  ) {}

  @Get(':id')
  @RequireScopes('knowledge:read')
  @ApiOperation({ operationId: 'getDocumentById', summary: 'Read a document', description: VISIBILITY })
  @ApiData(DocumentDto)
  async get(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<DocumentDto> {
    return toDocumentDto(await this.documents.get(ctx, id));
  }

  @Delete(':id')
  @RequireScopes('knowledge:write')
  @ApiOperation({
    operationId: 'deleteDocumentById',
    summary: 'Delete a document; no query finds it from now on',
    description: VISIBILITY,
  })
  @ApiData(DeletedDto)
  async delete(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<DeletedDto> {
    await this.documents.delete(ctx, id);
    return { id, deleted: true };
  }

  @Get(':id/text')
  @RequireScopes('knowledge:read')
  @ApiOperation({
    operationId: 'getDocumentText',
    summary: 'Read the text that offsets count in',
    description: VISIBILITY,
  })
  @ApiData(DocumentTextDto)
  async text(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<DocumentTextDto> {
    return this.reader.text(ctx, id);
  }

  @Get(':id/chunks')
  @RequireScopes('knowledge:read')
  @ApiOperation({
    operationId: 'listChunks',
    summary: 'List the chunks of a document in its order',
    description: VISIBILITY,
  })
  @ApiData(ChunkDto, { list: 'page' })
  async chunks(
    @Ctx() ctx: RequestContext,
    @Param('id') id: string,
    @Query() { after, limit }: ChunkListQuery,
  ): Promise<Page<ChunkDto>> {
    const rows = await this.reader.chunks(ctx, id, after, limit);
    return Page.of(rows.map(toChunkDto), limit, ({ ordinal }) => String(ordinal));
  }
}
