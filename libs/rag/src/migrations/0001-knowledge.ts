import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Collections, documents, chunks, and the postings that BM25 ranks them by. */
export class Knowledge1763700200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLLECTIONS);
    await runner.query(DOCUMENTS);
    await runner.query(CHUNKS);
    await runner.query(POSTINGS);
    await runner.query(TERM_TRIGRAMS);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}

// `no` is a short surrogate for the millions of posting rows; ids are what clients see.
const COLLECTIONS = `
  CREATE TABLE collections (
    id text PRIMARY KEY,
    no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant_id text NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    k1 double precision NOT NULL,
    b double precision NOT NULL,
    embedding jsonb,
    metadata jsonb NOT NULL DEFAULT '{}',
    languages text[] NOT NULL DEFAULT '{}',
    n_documents integer NOT NULL DEFAULT 0,
    n_chunks integer NOT NULL DEFAULT 0,
    sum_dl bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
  );
  CREATE INDEX collections_list ON collections (tenant_id, id DESC) WHERE deleted_at IS NULL;
`;

// dedupe_key is the hash of uploaded bytes, or the URL. `staged` hides a document whose postings are being written.
const DOCUMENTS = `
  CREATE TABLE documents (
    id text PRIMARY KEY,
    no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant_id text NOT NULL,
    collection_id text NOT NULL REFERENCES collections (id),
    collection_no integer NOT NULL,
    title text NOT NULL,
    media_type text,
    declared_type text,
    language text NOT NULL,
    url text,
    file_name text,
    dedupe_key text NOT NULL,
    content_hash text,
    status text NOT NULL CHECK (status IN ('queued', 'processing', 'ready', 'failed')),
    error jsonb,
    text text,
    chunk_count integer NOT NULL DEFAULT 0,
    token_count integer NOT NULL DEFAULT 0,
    sum_dl bigint NOT NULL DEFAULT 0,
    metadata jsonb NOT NULL DEFAULT '{}',
    acl text[],
    staged boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
  );
  CREATE UNIQUE INDEX documents_same_bytes ON documents (collection_id, dedupe_key) WHERE deleted_at IS NULL;
  CREATE INDEX documents_list ON documents (collection_id, id DESC) WHERE deleted_at IS NULL;
  CREATE INDEX documents_restricted ON documents (collection_no)
    WHERE acl IS NOT NULL OR staged OR deleted_at IS NOT NULL;
  CREATE TABLE document_sources (
    document_id text PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    bytes bytea NOT NULL
  );
`;

const CHUNKS = `
  CREATE TABLE chunks (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    tenant_id text NOT NULL,
    document_no integer NOT NULL REFERENCES documents (no),
    ordinal integer NOT NULL,
    text text NOT NULL,
    char_start integer NOT NULL,
    char_end integer NOT NULL,
    page integer,
    heading_path text[] NOT NULL,
    tokens integer NOT NULL,
    dl integer NOT NULL
  );
  CREATE INDEX chunks_of_document ON chunks (document_no, ordinal);
`;

// The primary key covers the scoring query: it never reads the table itself once vacuumed.
const POSTINGS = `
  CREATE TABLE postings (
    collection_no integer NOT NULL,
    term text NOT NULL,
    chunk_no bigint NOT NULL,
    document_no integer NOT NULL,
    tf smallint NOT NULL,
    dl integer NOT NULL,
    PRIMARY KEY (collection_no, term, chunk_no) INCLUDE (document_no, tf, dl)
  );
  CREATE INDEX postings_of_document ON postings (document_no, chunk_no);
`;

// The dictionary for repairing misspelt query terms: one row for each trigram of a term.
const TERM_TRIGRAMS = `
  CREATE TABLE term_trigrams (
    collection_no integer NOT NULL,
    trigram text NOT NULL,
    term text NOT NULL,
    size smallint NOT NULL,
    PRIMARY KEY (collection_no, trigram, term) INCLUDE (size)
  );
`;
