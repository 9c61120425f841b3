import { Body, Controller, HttpCode, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AcceptsUpload, Ctx, RawResponse, RequireScopes, Uploads } from '@guildhall/core';
import type { RequestContext, SpeechFormat, TimedText, TranscriptionReply } from '@guildhall/sdk';
import { Audio } from './audio.service.js';
import { speechRequest } from './speech-request.js';
import { type TranscriptionRequest, readTranscriptionForm } from './transcription-form.js';

const CONTENT_TYPES = {
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
} satisfies Record<SpeechFormat, string>;

/** OpenAI's audio endpoints, beside the rest of its API. */
@ApiExcludeController()
@RawResponse()
@Controller({ path: 'openai/v1/audio', version: VERSION_NEUTRAL })
export class AudioController {
  constructor(
    private readonly audio: Audio,
    private readonly uploads: Uploads,
  ) {}

  @Post('transcriptions')
  @HttpCode(200)
  @AcceptsUpload()
  @RequireScopes('models:write')
  async transcribe(
    @Ctx() ctx: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = await readTranscriptionForm(request, this.uploads);
    const transcript = await this.audio.transcribe(ctx, form);
    const type = form.format === 'text' ? 'text/plain' : 'application/json';
    void reply.header('content-type', `${type}; charset=utf-8`);
    return toWire(form.format, transcript);
  }

  @Post('speech')
  @HttpCode(200)
  @RequireScopes('models:write')
  async speak(@Ctx() ctx: RequestContext, @Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply) {
    const request = speechRequest(body);
    const { readable } = await this.audio.speak(ctx, request);
    void reply.header('content-type', CONTENT_TYPES[request.call.format]);
    return readable;
  }
}

function toWire(format: TranscriptionRequest['format'], reply: TranscriptionReply): string {
  const { text, language, durationSeconds, segments, words } = reply;
  if (format === 'text') return `${text}\n`;
  if (format === 'json') return JSON.stringify({ text });
  return JSON.stringify({
    task: 'transcribe',
    language: language ?? null,
    duration: durationSeconds ?? null,
    text,
    ...(segments ? { segments: segments.map((segment, id) => ({ id, ...segment })) } : {}),
    ...(words ? { words: words.map(toWord) } : {}),
  });
}

const toWord = ({ text, start, end }: TimedText) => ({ word: text, start, end });
