import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiHeader, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { RequestContext } from '@guildhall/sdk';
import { AcceptsUpload, ApiData, Ctx, type Page, PreferWait, Reply, RequireScopes } from '@guildhall/core';
import { DeletedDto } from '../deleted.dto.js';
import {
  CreateDocumentDto,
  DocumentDto,
  DocumentListQuery,
  UpdateDocumentDto,
  UploadDocumentDto,
  toDocumentDto,
} from './document.dto.js';
import { DocumentService, isSettled } from './document.service.js';
import { type RequestWithUpload, UploadInterceptor } from './upload.interceptor.js';
import { VISIBILITY } from './visible-documents.js';

const ADDING = `Any key may give an \`acl\`, but one without the scope \`knowledge:groups\` sees it in this answer only. \
Content that a document with an \`acl\` has already is refused from such a key with 409.`;
const CHANGING = `${VISIBILITY} Such a key may give an \`acl\` to a document that it sees, and cannot take it back.`;

@ApiTags('documents')
@Controller({ path: 'collections/:id/documents', version: '1' })
export class DocumentController {
  constructor(private readonly documents: DocumentService) {}

  @Post()
  @AcceptsUpload()
  @UseInterceptors(UploadInterceptor)
  @RequireScopes('knowledge:write')
  @ApiOperation({
    operationId: 'createDocument',
    summary: 'Add a document: a file, a text, or a URL to fetch',
    description: ADDING,
  })
  @ApiHeader({ name: 'Prefer', required: false, description: '`wait=30`: answer when it is ready, or failed' })
  @ApiConsumes('application/json', 'multipart/form-data')
  @ApiExtraModels(CreateDocumentDto, UploadDocumentDto)
  @ApiBody({ schema: { anyOf: [CreateDocumentDto, UploadDocumentDto].map((type) => ({ $ref: getSchemaPath(type) })) } })
  @ApiData(DocumentDto, { status: 202, description: 'Accepted; it is ingested by a job' })
  @ApiData(DocumentDto, { status: 201, description: 'Created, and ready or failed within the time waited' })
  @ApiData(DocumentDto, { status: 200, description: 'The collection has these bytes already' })
  async create(
    @Ctx() ctx: RequestContext,
    @Param('id') collectionId: string,
    @Body() body: CreateDocumentDto,
    @Req() request: RequestWithUpload,
    @PreferWait() waitMs?: number,
  ): Promise<Reply<DocumentDto>> {
    const accepted = await this.documents.accept(ctx, collectionId, body, request.upload);
    const { id } = accepted.document;
    const document = waitMs ? await this.documents.settled(ctx, accepted, waitMs) : accepted.document;
    const status = !isSettled(document) ? 202 : accepted.created ? 201 : 200;
    return new Reply(toDocumentDto(document), {
      status,
      location: `/api/v1/collections/${document.collectionId}/documents/${id}`,
    });
  }

  @Get()
  @RequireScopes('knowledge:read')
  @ApiOperation({
    operationId: 'listDocuments',
    summary: 'List the documents of a collection, newest first',
    description: `${VISIBILITY} It is not counted either.`,
  })
  @ApiData(DocumentDto, { list: 'page' })
  async list(
    @Ctx() ctx: RequestContext,
    @Param('id') collectionId: string,
    @Query() query: DocumentListQuery,
  ): Promise<Page<DocumentDto>> {
    return (await this.documents.list(ctx, collectionId, query)).map(toDocumentDto);
  }

  @Get(':documentId')
  @RequireScopes('knowledge:read')
  @ApiOperation({ operationId: 'getDocument', summary: 'Read a document of a collection', description: VISIBILITY })
  @ApiData(DocumentDto)
  async get(
    @Ctx() ctx: RequestContext,
    @Param('id') collectionId: string,
    @Param('documentId') id: string,
  ): Promise<DocumentDto> {
    return toDocumentDto(await this.documents.get(ctx, id, collectionId));
  }

  @Patch(':documentId')
  @RequireScopes('knowledge:write')
  @ApiOperation({
    operationId: 'updateDocument',
    summary: 'Change the metadata or the groups of a document',
    description: CHANGING,
  })
  @ApiData(DocumentDto)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('id') collectionId: string,
    @Param('documentId') id: string,
    @Body() body: UpdateDocumentDto,
  ): Promise<DocumentDto> {
    return toDocumentDto(await this.documents.update(ctx, id, body, collectionId));
  }

  @Delete(':documentId')
  @RequireScopes('knowledge:write')
  @ApiOperation({
    operationId: 'deleteDocument',
    summary: 'Delete a document; no query finds it from now on',
    description: VISIBILITY,
  })
  @ApiData(DeletedDto)
  async delete(
    @Ctx() ctx: RequestContext,
    @Param('id') collectionId: string,
    @Param('documentId') id: string,
  ): Promise<DeletedDto> {
    await this.documents.delete(ctx, id, collectionId);
    return { id, deleted: true };
  }
}
