import type { Passage, RetrievalQuery, RetrievalResult } from '@guildhall/sdk';
import type { AttemptState } from '../attempt-state.js';
import { performStep } from '../perform-step.js';

/** Groups are the run's, as far as its caller was trusted to name them; an agent cannot widen them. */
export function performRetrieval(state: AttemptState, key: string, query: RetrievalQuery): Promise<RetrievalResult> {
  const { writer, request, contracts, run } = state;
  return performStep<RetrievalResult>(state, {
    key,
    kind: 'retrieval',
    name: query.collectionId,
    input: { query: query.query, topK: query.topK, mode: query.mode, filter: query.filter },
    run: () => contracts.retriever.retrieve(request, { ...query, groups: run.context.groups ?? [] }),
    tell: ({ mode, hits }) => {
      writer.event('retrieval.completed', { collectionId: query.collectionId, mode, hits: hits.map(withoutText) });
    },
  });
}

function withoutText({ chunkId, documentId, documentTitle, score, charStart, charEnd }: Passage) {
  return { chunkId, documentId, documentTitle, score, charStart, charEnd };
}
