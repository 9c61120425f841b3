// node test/performance/cranfield.mjs --data <folder> [--url http://127.0.0.1:8000] [--key gh_dev_local]
//
// Retrieval quality and speed of a running server through its HTTP API, in its default configuration: ingests the corpus
// into a new collection, asks every query, and reports nDCG@10 (linear gain, grade / log2(rank + 1)), chunks/s from the
// first request to the last document ready, and the latency of a query (top 30, one at a time).
// The folder holds corpus.jsonl {_id,title,text}, queries.jsonl {_id,text} and qrels.tsv (query, document, grade);
// without it nothing is measured. Exit code 1 when nDCG@10 is below .52.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const FLOOR = 0.52;
const UPLOADS_AT_ONCE = 8;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    key: { type: 'string', default: 'gh_dev_local' },
  },
});
if (!options.data || !existsSync(join(options.data, 'corpus.jsonl'))) {
  console.log('Skipped: no corpus. Pass its folder as --data <folder>.');
  process.exit(0);
}

const read = async (name) => (await readFile(join(options.data, name), 'utf8')).trim().split('\n');
const corpus = (await read('corpus.jsonl')).map((line) => JSON.parse(line)).filter(({ text }) => text.trim() !== '');
const queries = (await read('queries.jsonl')).map((line) => JSON.parse(line));
const grades = gradesByQuery((await read('qrels.tsv')).slice(1));

const collection = await call('POST', '/collections', { name: 'Cranfield' });
const ingest = await measureIngest(collection.id);
const search = await measureQueries(collection.id, ingest.ids);
await call('DELETE', `/collections/${collection.id}`);

const rounded = (value, digits = 1) => Number(value.toFixed(digits));
console.log(
  JSON.stringify(
    {
      documents: ingest.ids.size,
      chunks: ingest.chunks,
      ingestChunksPerSecond: rounded(ingest.chunks / ingest.seconds),
      queries: search.times.length,
      queryP50Ms: rounded(percentile(search.times, 0.5)),
      queryP95Ms: rounded(percentile(search.times, 0.95)),
      ndcgAt10: rounded(search.ndcg, 4),
    },
    undefined,
    2,
  ),
);
if (search.ndcg < FLOOR) {
  console.error(`nDCG@10 is below ${FLOOR}`);
  process.exitCode = 1;
}

async function measureIngest(collectionId) {
  const ids = new Map();
  const waiting = [...corpus];
  const started = performance.now();
  const upload = async () => {
    for (let doc = waiting.pop(); doc; doc = waiting.pop()) {
      const body = { title: doc.title || doc._id, text: doc.text, mediaType: 'text/plain' };
      ids.set((await call('POST', `/collections/${collectionId}/documents`, body)).id, doc._id);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, upload));
  for (;;) {
    const { documentCount, chunkCount } = await call('GET', `/collections/${collectionId}`);
    if (documentCount === ids.size) return { ids, chunks: chunkCount, seconds: (performance.now() - started) / 1000 };
    const failed = await call('GET', `/collections/${collectionId}/documents?status=failed&limit=1`);
    if (failed.length > 0) throw new Error(`A document failed: ${JSON.stringify(failed[0].error)}`);
    await setTimeout(200);
  }
}

async function measureQueries(collectionId, ids) {
  const times = [];
  let sum = 0;
  for (const { _id, text } of queries) {
    const graded = grades.get(_id);
    if (!graded) continue;
    const started = performance.now();
    // More than ten chunks, because one document may have several of the first ten.
    const { hits } = await call('POST', `/collections/${collectionId}/query`, { query: text, topK: 30 });
    times.push(performance.now() - started);
    const documents = [...new Set(hits.map(({ documentId }) => ids.get(documentId)))];
    sum += ndcg(
      documents.map((document) => graded.get(document) ?? 0),
      [...graded.values()],
    );
  }
  return { times, ndcg: sum / times.length };
}

function ndcg(found, ideal) {
  const gain = (all) => all.slice(0, 10).reduce((total, grade, i) => total + grade / Math.log2(i + 2), 0);
  return gain(found) / gain(ideal.toSorted((a, b) => b - a));
}

function gradesByQuery(lines) {
  const byQuery = new Map();
  for (const line of lines) {
    const [query, document, grade] = line.split('\t');
    if (Number(grade) <= 0) continue;
    if (!byQuery.has(query)) byQuery.set(query, new Map());
    byQuery.get(query).set(document, Number(grade));
  }
  return byQuery;
}

function percentile(times, share) {
  return times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))];
}

async function call(method, path, body) {
  const response = await fetch(`${options.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${options.key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const answer = await response.json();
  if (!answer.success) throw new Error(`${method} ${path}: ${response.status} ${answer.error.message}`);
  return answer.data;
}
