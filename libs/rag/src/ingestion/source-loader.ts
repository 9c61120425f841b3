import { Injectable } from '@nestjs/common';
import { AppError, type RequestContext, UpstreamError } from '@guildhall/sdk';
import { Database, OutboundClient } from '@guildhall/core';
import { SOURCE_MISSING } from '../documents/document.repository.js';
import { DocumentSources } from '../documents/document-sources.js';
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
    private readonly kept: DocumentSources,
    private readonly outbound: OutboundClient,
  ) {}

  async load(ctx: RequestContext, doc: KnowledgeDocument): Promise<Source> {
    if (doc.url) return this.fetch(ctx, doc, doc.url);
    return {
      bytes: await this.read(ctx, doc.id),
      mediaType: doc.declaredType ?? doc.mediaType ?? undefined,
      fileName: doc.fileName ?? undefined,
    };
  }

  /** How many bytes are kept of it. */
  async storedSize(ctx: RequestContext, doc: KnowledgeDocument): Promise<number> {
    return (await this.kept.size(this.database.manager, ctx, doc.id)) ?? 0;
  }

  /** Piece by piece into one place: the database's own form of them is twice as long. */
  private async read(ctx: RequestContext, id: string): Promise<Buffer> {
    const tx = this.database.manager;
    const size = await this.kept.size(tx, ctx, id);
    const bytes = Buffer.alloc(size ?? 0);
    let at = 0;
    for (let ordinal = 0; at < bytes.length; ordinal++) {
      ctx.signal.throwIfAborted();
      const piece = await this.kept.piece(tx, ctx, id, ordinal);
      if (!piece) break;
      at += piece.copy(bytes, at);
    }
    if (at === size) return bytes;
    throw new AppError('not_found', SOURCE_MISSING, 'Its bytes are gone: send them again');
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
