import { Injectable } from '@nestjs/common';
import { AppError, type RequestContext, UpstreamError } from '@guildhall/sdk';
import { Database, OutboundClient } from '@guildhall/core';
import { DocumentRepository } from '../documents/document.repository.js';
import type { KnowledgeDocument } from '../documents/document.js';
import type { Declared } from './media-type.js';

const MAX_DOCUMENT_BYTES = 50 * 1024 * 1024;

export interface Source extends Declared {
  readonly bytes: Buffer;
}

/** The bytes of a document: those that were sent, or what its URL answers now. */
@Injectable()
export class SourceLoader {
  constructor(
    private readonly database: Database,
    private readonly documents: DocumentRepository,
    private readonly outbound: OutboundClient,
  ) {}

  async load(ctx: RequestContext, doc: KnowledgeDocument): Promise<Source> {
    if (doc.url) return this.fetch(ctx, doc, doc.url);
    const bytes = await this.documents.source(this.database.manager, ctx, doc.id);
    if (!bytes) throw new AppError('not_found', 'document_source_missing', 'Its bytes are gone: send them again');
    return { bytes, mediaType: doc.declaredType ?? doc.mediaType ?? undefined, fileName: doc.fileName ?? undefined };
  }

  private async fetch(ctx: RequestContext, doc: KnowledgeDocument, url: string): Promise<Source> {
    const response = await this.outbound.request(url, {
      trust: 'tenant',
      signal: ctx.signal,
      maxResponseBytes: MAX_DOCUMENT_BYTES,
      headers: { accept: 'text/markdown, text/html, text/plain, application/json, text/csv;q=0.9, */*;q=0.1' },
    });
    if (response.status !== 200) {
      const retryable = response.status >= 500 || response.status === 429;
      throw new UpstreamError('document_fetch_failed', `The URL answered ${response.status}`, { retryable });
    }
    return {
      bytes: response.body,
      mediaType: doc.declaredType ?? response.headers['content-type'],
      fileName: new URL(response.url).pathname,
    };
  }
}
