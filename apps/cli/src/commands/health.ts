import { loadSettings } from '@guildhall/core';
import type { Command } from '../command.js';
import { UsageError } from '../../../shared/src/start-options.js';
import { readOptions } from '../options.js';

const LIMIT_MS = 5000;

interface Finding {
  readonly path: string;
  /** 0: no answer. */
  readonly status: number;
  readonly body: unknown;
}

export const healthCommand: Command = {
  name: 'health',
  summary: 'Ask a running server how it is; exits with 1 when it is not well',
  usage: 'guildhall health [--url http://127.0.0.1:8000] [--key <api key>] [--json]',
  async run(args) {
    const text = { type: 'string' } as const;
    const { url, key, json = false } = readOptions(args, { url: text, key: text, json: { type: 'boolean' } });
    // Without an address it is the server that is started from here, with the same settings.
    const { PORT, BOOTSTRAP_API_KEY } = url === undefined ? loadSettings().settings : process.env;
    const base = url ?? `http://127.0.0.1:${PORT}`;
    if (!URL.canParse(base))
      throw new UsageError(`--url takes an address, e.g. http://127.0.0.1:8000; found '${base}'`);
    const apiKey = key ?? BOOTSTRAP_API_KEY ?? process.env['GUILDHALL_API_KEY'];
    const paths = ['/health/live', '/health/ready', '/health', '/health/db', '/health/config'];
    const findings = await Promise.all(paths.map((path) => ask(base, path, apiKey)));
    if (json) console.log(JSON.stringify(findings, null, 2));
    else for (const finding of findings) console.log(line(finding));
    // Without a key the report is closed, which says nothing of the server's health.
    return findings.every(({ path, status }) => status === 200 || (status === 401 && !isProbe(path))) ? 0 : 1;
  },
};

const isProbe = (path: string) => path === '/health/live' || path === '/health/ready';

async function ask(base: string, path: string, key: string | undefined): Promise<Finding> {
  try {
    const response = await fetch(new URL(path, base), {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return { path, status: response.status, body: await response.json() };
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return { path, status: 0, body: { status: 'no answer', reason: cause?.code ?? (error as Error).name } };
  }
}

function line({ path, status, body }: Finding): string {
  const said = (body as { status?: string; error?: { message?: string } } | null) ?? {};
  return `${path.padEnd(16)} ${status === 0 ? '---' : status}  ${said.status ?? said.error?.message ?? ''}`;
}
