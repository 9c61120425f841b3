import { Global } from '@nestjs/common';
import { COLLECTION_DIRECTORY, Plugin, RETRIEVER } from '@guildhall/sdk';
import { CollectionController } from './collections/collection.controller.js';
import { CollectionRepository } from './collections/collection.repository.js';
import { CollectionService } from './collections/collection.service.js';
import { DocumentContentController } from './documents/document-content.controller.js';
import { DocumentController } from './documents/document.controller.js';
import { DocumentReader } from './documents/document-reader.js';
import { DocumentRepository } from './documents/document.repository.js';
import { DocumentSources } from './documents/document-sources.js';
import { DocumentService } from './documents/document.service.js';
import { DocumentIndexer } from './ingestion/document-indexer.js';
import { GiveUpIngestionJob } from './ingestion/give-up-ingestion.job.js';
import { IndexWriter } from './ingestion/index-writer.js';
import { IngestDocumentJob } from './ingestion/ingest-document.job.js';
import { IngestEarlierDocumentJob } from './ingestion/ingest-earlier-document.job.js';
import { PostingsVacuum } from './ingestion/postings-vacuum.js';
import { PurgeJob } from './ingestion/purge.job.js';
import { SourceLoader } from './ingestion/source-loader.js';
import { Knowledge1763700200000 } from './migrations/0001-knowledge.js';
import { PlainSources1763700200001 } from './migrations/0002-plain-sources.js';
import { DocumentWarnings1763700200002 } from './migrations/0003-document-warnings.js';
import { SourcePieces1763700200003 } from './migrations/0004-source-pieces.js';
import { SourcesOfTheReleaseBefore1763700200004 } from './migrations/0005-sources-of-the-release-before.js';
import { LexicalIndex } from './retrieval/lexical-index.js';
import { LexicalRetriever } from './retrieval/lexical-retriever.js';
import { QueryController } from './retrieval/query.controller.js';

/** Collections of documents, and the passages in them that answer a query. */
@Global()
@Plugin({
  id: 'rag',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Collections, documents, ingestion and BM25 retrieval',
  migrations: [
    Knowledge1763700200000,
    PlainSources1763700200001,
    DocumentWarnings1763700200002,
    SourcePieces1763700200003,
    SourcesOfTheReleaseBefore1763700200004,
  ],
  controllers: [CollectionController, QueryController, DocumentController, DocumentContentController],
  providers: [
    CollectionRepository,
    CollectionService,
    DocumentRepository,
    DocumentSources,
    DocumentService,
    DocumentReader,
    SourceLoader,
    IndexWriter,
    DocumentIndexer,
    PostingsVacuum,
    IngestDocumentJob,
    IngestEarlierDocumentJob,
    GiveUpIngestionJob,
    PurgeJob,
    LexicalIndex,
    LexicalRetriever,
    { provide: RETRIEVER, useExisting: LexicalRetriever },
    { provide: COLLECTION_DIRECTORY, useExisting: CollectionService },
  ],
  exports: [RETRIEVER, COLLECTION_DIRECTORY],
})
export class RagModule {}
