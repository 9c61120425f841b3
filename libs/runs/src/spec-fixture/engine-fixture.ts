import { useRunFixture } from './run-fixture.js';

export const call = (tool: string, id = `call_${tool}`, input: unknown = { n: 1 }) => ({ id, tool, input });

export async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A promise and the function that fulfils it. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** The database of runs, where no test finds what the one before left in the air. */
export function useEngineFixture() {
  const fixture = useRunFixture();
  const { sql } = fixture;

  // What a test left in the air must not be taken over by the next one's sweep.
  afterEach(() => sql(`UPDATE runs SET status = 'failed' WHERE status IN ('queued', 'running')`));

  const eventsOf = (runId: string) =>
    sql('SELECT seq, type, payload FROM run_events WHERE run_id = $1 ORDER BY seq', [runId]);
  const typesOf = async (runId: string) => (await eventsOf(runId)).map(({ type }) => type as string);
  const stepsOf = (runId: string) =>
    sql('SELECT key, kind, name, status, attempt FROM run_steps WHERE run_id = $1 ORDER BY key', [runId]);

  return { ...fixture, eventsOf, typesOf, stepsOf };
}
