import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.js';

export type Effect = 'read' | 'idempotent' | 'unsafe';

/** A call that reached the world: of a tool or of the model. */
export interface Call {
  /** When it came in, by this machine's clock. */
  readonly at: number;
  readonly run: string;
  readonly step: number;
}

export interface ToolEntry extends Call {
  readonly effect: Effect;
  readonly key: string;
  readonly runId: string;
  readonly pid: number;
}

/** The world as tools and models change it: what happened there happened, whatever the callers remember. */
export class Ledger {
  readonly tools: ToolEntry[] = [];
  readonly models: Call[] = [];
  private constructor(readonly url: string) {}

  static async open(stage: Stage): Promise<Ledger> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ledger = new Ledger(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void ledger.note(request, response));
    stage.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return ledger;
  }

  modelCall(run: string, step: number): void {
    this.models.push({ at: Date.now(), run, step });
  }

  /** The first call for this run after the moment. */
  firstAfter(run: string, moment: number): number | undefined {
    const times = [...this.tools, ...this.models].filter((call) => call.run === run && call.at > moment);
    return times.length === 0 ? undefined : Math.min(...times.map(({ at }) => at));
  }

  private async note(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const entry = JSON.parse(Buffer.concat(parts).toString()) as ToolEntry & { holdMs: number };
      this.tools.push({ ...entry, at: Date.now() });
      await sleep(entry.holdMs);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ noted: this.tools.length }));
    } catch {
      // The caller died while it spoke: nothing was noted, and nobody is there to answer.
    }
  }
}
