import { connect } from 'node:net';
import { Controller, Get, Post } from '@nestjs/common';
import { Ctx, RawResponse, type Settings } from '@guildhall/core';
import { Plugin, type RequestContext } from '@guildhall/sdk';
import { type TestApp, type TestResponse, startTestApp } from '@guildhall/testing';

/** What the routes below met, and what they wait for. */
export const work = { made: 0, release: () => {}, gate: Promise.resolve(), aborted: undefined as unknown };

/** Routes that do what no real one does on purpose: wait, break, count. */
@Controller({ path: 'probe', version: '1' })
class ProbeController {
  @Get('slow')
  async slow(@Ctx() ctx: RequestContext) {
    ctx.signal.addEventListener('abort', () => (work.aborted = ctx.signal.reason), { once: true });
    await work.gate;
    return { slow: true };
  }

  @Get('broken')
  broken() {
    throw new Error('password=hunter2 SELECT * FROM api_keys /etc/passwd');
  }

  @Get('big')
  big() {
    return { text: 'x'.repeat(2000) };
  }

  @Get('stream')
  @RawResponse()
  stream() {
    return new Response(`data: ${'x'.repeat(2000)}\n\n`, { headers: { 'content-type': 'text/event-stream' } });
  }

  @Post('count')
  async count() {
    const made = ++work.made;
    await work.gate;
    return { made };
  }
}

@Plugin({ id: 'probe', version: '0.1.0', compat: '^0.1.0', controllers: [ProbeController] })
class ProbePlugin {}

export const closeGate = () => void (work.gate = new Promise((resolve) => (work.release = resolve)));

export interface ProbedHouse extends TestApp {
  /** The key of a second tenant's administrator. */
  readonly tenant: string;
  agent(name: string, fields?: object): Promise<TestResponse>;
  /** Bytes as they are: paths and header lines that fetch would tidy up. */
  raw(text: string): Promise<string>;
  /** The same for a whole request without a body. */
  request(line: string, ...headers: readonly string[]): Promise<string>;
}

export async function startProbedHouse(settings: Partial<Settings> = {}): Promise<ProbedHouse> {
  const house = await startTestApp({ settings, plugins: [ProbePlugin] });
  const { body } = await house.post('/api/v1/tenants', { name: 'other' });
  const port = Number(new URL(house.url).port);
  return {
    ...house,
    tenant: body.data.apiKey.key as string,
    agent: (name, fields = {}) => house.post('/api/v1/agents', { name, kind: 'tool-loop', ...fields }),
    raw: (text) => exchange(port, text),
    request: (line, ...headers) =>
      exchange(port, [line, 'host: localhost', ...headers, 'connection: close', '', ''].join('\r\n')),
  };
}

function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)).includes('}') && socket.destroy());
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

export const codeOf = ({ status, body }: TestResponse): string => `${status} ${body?.error?.code}`;

export function resetWork(): void {
  Object.assign(work, { made: 0, gate: Promise.resolve(), release: () => {}, aborted: undefined });
}
