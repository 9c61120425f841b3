import { createHash } from 'node:crypto';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Req,
  RequestMethod,
  Sse,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { IsInt, IsString, MaxLength, Min, MinLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { concatMap, from } from 'rxjs';
import { ConflictError, NotFoundError, type RequestContext, UpstreamError } from '@guildhall/sdk';
import { ListedRows } from '../../database/listed-rows.js';
import { Public } from '../../security/access.decorators.js';
import { currentLogFields } from '../../telemetry/log-context.js';
import { Ctx } from '../context.decorator.js';
import { DeprecatedRoute } from '../deprecated.decorator.js';
import { IsRepeat } from '../idempotency/is-repeat.decorator.js';
import { TakesLargeBody } from '../large-bodies.js';
import { Page, PageQuery } from '../pagination.js';
import { RawResponse } from '../raw-response.decorator.js';
import { Reply } from '../reply.js';
import { awaitStream } from '../request-scope.js';
import { AcceptsUpload } from '../upload/upload-route.js';
import { Uploads } from '../upload/uploads.js';
import { NestedList } from '../nested.decorator.js';
import { Optional } from '../optional.decorator.js';

class Inner {
  @IsInt()
  @Min(1)
  size: number;
}

class Thing {
  @IsString()
  @MinLength(1)
  @MaxLength(10)
  name: string;

  @Optional()
  @NestedList(() => Inner)
  parts?: Inner[];
}

class FileQuery {
  @Optional()
  @IsString()
  load?: string;
}

const sha256 = (pieces: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(pieces)).digest('hex');

/** What slow routes wait for. */
export const gate = { promise: Promise.resolve(), open: () => {} };
export const closeGate = () => void (gate.promise = new Promise((resolve) => (gate.open = resolve)));
/** What routes met. */
export const seen = { made: 0, reading: 0, entered: () => {}, left: (_reason: unknown) => {} } as {
  made: number;
  /** How many lists are being read. */
  reading: number;
  ctx?: RequestContext;
  fields?: object;
  aborted?: unknown;
  entered: () => void;
  left: (reason: unknown) => void;
};

@Controller({ path: 'things', version: '1' })
export class ThingController {
  constructor(private readonly uploads: Uploads) {}

  /** Answers with what it got once the gate is open. */
  @Post('files')
  @AcceptsUpload()
  async upload(@Req() request: FastifyRequest, @Query() { load }: FileQuery) {
    const part = await request.file();
    const file = await this.uploads.receive(request, part!);
    seen.entered();
    await gate.promise;
    const pieces: Buffer[] = [];
    if (load) pieces.push(await file.bytes());
    else for await (const piece of file.pieces()) pieces.push(piece);
    return { size: file.size, sha256: file.sha256, same: sha256(pieces) === file.sha256, pieces: pieces.length };
  }

  @Get()
  list(@Query() query: PageQuery) {
    return Page.of(ListedRows.first([{ id: 'a' }], query), query.limit, ({ id }) => id);
  }

  @Get('context')
  context(@Ctx() ctx: RequestContext) {
    seen.ctx = ctx;
    return { requestId: ctx.requestId };
  }

  @Get('big')
  big() {
    return 'x'.repeat(2000);
  }

  /** A list of half a MiB. */
  @Get('rows')
  async rows() {
    seen.reading++;
    seen.entered();
    await gate.promise;
    seen.reading--;
    return Array.from({ length: 8 }, () => 'x'.repeat(64 * 1024));
  }

  @Get('slow')
  async slow(@Ctx() ctx: RequestContext) {
    const note = () => seen.left((seen.aborted = ctx.signal.reason));
    ctx.signal.addEventListener('abort', note, { once: true });
    seen.entered();
    await gate.promise;
    return 'done';
  }

  /** A stream that is late with its first byte. */
  @Get('late')
  async late(@Req() request: FastifyRequest, @Ctx() ctx: RequestContext) {
    awaitStream(request, ctx);
    seen.entered();
    await gate.promise;
    return new Response('data: late\n\n', { headers: { 'content-type': 'text/event-stream' } });
  }

  @Post('large')
  @TakesLargeBody()
  large(@Body() { name }: { name: string }) {
    return { length: name.length };
  }

  @Get('broken')
  broken() {
    throw new Error('SELECT secret FROM /etc/passwd');
  }

  @Get('string')
  throwsString() {
    throw 'just words';
  }

  @Get('upstream')
  upstream() {
    throw new UpstreamError('provider_unavailable', "Provider 'groq' refused", {
      provider: 'groq',
      retryAfterMs: 1500,
    });
  }

  @Get('stream')
  stream() {
    return new Response('data: hello\n\n', { headers: { 'content-type': 'text/event-stream' } });
  }

  @Sse('events')
  events() {
    return from(['one', 'two']).pipe(
      concatMap(async (data) => {
        await gate.promise;
        return { data };
      }),
    );
  }

  @Get('raw')
  @RawResponse()
  raw() {
    return { plain: true };
  }

  @Get('old')
  @DeprecatedRoute({
    since: new Date('2025-01-01T00:00:00Z'),
    sunset: new Date('2026-06-01T00:00:00Z'),
    successor: '/api/v1/things',
  })
  old() {
    throw new ConflictError('conflict', 'no');
  }

  @Get(':id')
  get(@Param('id') id: string) {
    if (id !== 'a') throw new NotFoundError('thing', id);
    return new Reply({ id }, { etag: '3' });
  }

  @Post()
  create(@Body() body: Thing) {
    seen.made++;
    seen.fields = currentLogFields();
    if (body.name === 'taken') throw new ConflictError('conflict', 'taken');
    if (body.name === 'down') throw new UpstreamError('provider_unavailable', 'down');
    return new Reply({ id: `t${seen.made}`, ...body }, { status: 201, location: '/api/v1/things/a', etag: '1' });
  }

  @Post('wait')
  async wait() {
    seen.made++;
    await gate.promise;
    return { made: seen.made };
  }

  /** Gives up when its caller does. */
  @Post('heed')
  async heed(@Ctx() ctx: RequestContext) {
    seen.made++;
    const left = new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
    left.catch((reason: unknown) => seen.left(reason));
    seen.entered();
    await Promise.race([gate.promise, left]);
    return { made: seen.made };
  }

  @Post('batch')
  batch() {
    return new Reply({ ok: 1, failed: 1 }, { partial: true });
  }

  @Post('streamed')
  streamed() {
    return new Response('data: x\n\n', {
      headers: { 'content-type': 'text/event-stream', 'content-location': '/api/v1/things/a' },
    });
  }

  @Post('streamed-again')
  streamedAgain(@Body() _body: object, @IsRepeat() isRepeat: boolean) {
    if (!isRepeat) seen.made++;
    return new Response(`data: ${seen.made}\n\n`, { headers: { 'content-type': 'text/event-stream' } });
  }

  @Sse('evented', { method: RequestMethod.POST })
  evented() {
    seen.made++;
    return from([{ data: 'one' }, { data: 'two' }]);
  }

  @Patch(':id')
  @HttpCode(204)
  patch() {
    return undefined;
  }
}

@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class ProbeController {
  @Get('live')
  @Public()
  @RawResponse()
  live() {
    return { status: 'alive' };
  }
}
