import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { UploadedFile, Uploads } from '@guildhall/core';
import { AppError, type TranscriptionCall } from '@guildhall/sdk';
import { refuseAll, unsupported, wrong } from '../faults.js';
import { numberFaults } from '../number-faults.js';

const MAX_AUDIO_BYTES = 25 * 1024 * 1024;
const TRANSCRIPT_FORMATS = ['json', 'text', 'verbose_json'] as const;

export interface TranscriptionRequest {
  readonly model: string;
  readonly format: (typeof TRANSCRIPT_FORMATS)[number];
  readonly call: Omit<TranscriptionCall, 'model' | 'signal'>;
}

const GRANULARITIES = ['segment', 'word'] as const;
/** Clients often know no more than the name of the file. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    flac: 'audio/flac',
    m4a: 'audio/mp4',
    mp3: 'audio/mpeg',
    mp4: 'audio/mp4',
    mpeg: 'audio/mpeg',
    mpga: 'audio/mpeg',
    ogg: 'audio/ogg',
    wav: 'audio/wav',
    webm: 'audio/webm',
  }),
);

interface Sent {
  readonly file: UploadedFile;
  readonly fileName: string;
  readonly mediaType: string;
}

/** The form of a transcription, as OpenAI's clients send it. Throws for what is wrong with it, all at once. */
export async function readTranscriptionForm(request: FastifyRequest, uploads: Uploads): Promise<TranscriptionRequest> {
  if (!request.isMultipart()) throw notAForm();
  const fields = new Map<string, string[]>();
  let sent: Sent | undefined;
  for await (const part of request.parts({ limits: { fileSize: MAX_AUDIO_BYTES } })) {
    if (part.type === 'field') fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), String(part.value)]);
    else if (part.fieldname !== 'file' || sent) throw wrong('file', 'Send exactly one file, in the field "file"');
    else sent = { file: await uploads.receive(request, part), ...describe(part) };
  }
  if (!sent) throw wrong('file', 'The form has no file: send the audio in the field "file"');
  if (sent.file.size === 0) throw wrong('file', 'The file is empty');
  const { file, ...described } = sent;
  return toRequest(fields, { ...described, bytes: await file.bytes() });
}

function describe({ filename, mimetype }: MultipartFile) {
  const fileName = safeName(filename);
  const given = mimetype === 'application/octet-stream' ? undefined : mimetype;
  const extension = fileName.split('.').at(-1)!.toLowerCase();
  return { fileName, mediaType: given ?? MEDIA_TYPES.get(extension) ?? 'application/octet-stream' };
}

function toRequest(fields: ReadonlyMap<string, string[]>, audio: TranscriptionCall['audio']): TranscriptionRequest {
  const one = (name: string) => fields.get(name)?.at(-1);
  refuseForms(fields);
  const model = one('model') ?? '';
  const format = one('response_format') ?? 'json';
  const times = fields.get('timestamp_granularities[]') ?? fields.get('timestamp_granularities') ?? ['segment'];
  const temperature = one('temperature');
  refuseAll([
    ...(model === '' ? [fault('model', 'model must name a model, as <provider>/<model>')] : []),
    ...oneOf('response_format', [format], TRANSCRIPT_FORMATS),
    ...oneOf('timestamp_granularities', times, GRANULARITIES),
    ...numberFaults({ temperature: temperature === undefined ? undefined : Number(temperature) }),
  ]);
  const language = one('language');
  const prompt = one('prompt');
  return {
    model,
    format: format as TranscriptionRequest['format'],
    call: {
      audio,
      ...(language === undefined ? {} : { language }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(temperature === undefined ? {} : { temperature: Number(temperature) }),
      ...(format === 'verbose_json' ? { times: times as ('segment' | 'word')[] } : {}),
    },
  };
}

/** What would change the form of the answer and cannot be done. What only tunes it is left out. */
function refuseForms(fields: ReadonlyMap<string, string[]>): void {
  if (fields.get('stream')?.at(-1) === 'true') throw unsupported('stream', 'Transcripts come whole: leave stream out');
  if (fields.has('include[]')) throw unsupported('include', 'Transcripts tell no logprobs: leave include out');
}

function oneOf(path: string, values: readonly string[], allowed: readonly string[]) {
  if (values.every((value) => allowed.includes(value))) return [];
  return [fault(path, `${path} must be one of ${allowed.join(', ')}`)];
}

const fault = (path: string, message: string) => ({ path, code: 'invalid_value', message });

/** A name for the vendor to judge the format by, never a path. */
function safeName(name: string | undefined): string {
  const last = (name ?? '').split(/[/\\]/).at(-1)!;
  return last.replace(/[\p{Cc}\p{Cf}"]/gu, '').slice(-200) || 'audio';
}

function notAForm(): AppError {
  const message = 'Send "Content-Type: multipart/form-data" with the fields "file" and "model"';
  return new AppError('validation', 'unsupported_media_type', message);
}
