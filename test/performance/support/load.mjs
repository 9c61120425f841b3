import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';

/**
 * Closed-loop load: `connections` clients, each sending its next request when the answer to the last is complete, for
 * `seconds` after a warm-up. Resolves to requests per second and latency percentiles in ms; any answer that `accept`
 * refuses is an error. `total` counts all answers, those of the warm-up too.
 */
export async function load(origin, request, { connections, seconds, warmup = 1, accept = (status) => status < 300 }) {
  const pool = new Pool(origin, { connections });
  const latencies = [];
  let errors = 0;
  let total = 0;
  let firstError;
  const begin = performance.now() + warmup * 1000;
  const end = begin + seconds * 1000;
  const client = async () => {
    while (performance.now() < end) {
      const started = performance.now();
      const { statusCode, body } = await pool.request(request);
      const text = await body.text();
      total += 1;
      const now = performance.now();
      if (now < begin || now > end) continue;
      if (accept(statusCode, text)) latencies.push(now - started);
      else {
        errors += 1;
        firstError ??= `${statusCode} ${text.slice(0, 200)}`;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN;
  return {
    perSecond: latencies.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    slowest: at(1),
    errors,
    firstError,
    total,
  };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
