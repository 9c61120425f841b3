import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { AppError, ValidationError } from '@guildhall/sdk';
import { type UploadedFile, Uploads, parseJsonBody } from '@guildhall/core';
import { partTypes } from './part-types.js';

export interface Upload {
  readonly file: UploadedFile;
  readonly fileName: string;
  readonly mediaType?: string;
}

export type RequestWithUpload = FastifyRequest & { upload?: Upload };

/** Reads a form, so that the validation that follows sees its fields as it sees a JSON body. */
@Injectable()
export class UploadInterceptor implements NestInterceptor {
  constructor(private readonly uploads: Uploads) {}

  async intercept(host: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = host.switchToHttp().getRequest<RequestWithUpload>();
    if (request.isMultipart()) await this.readForm(request);
    return next.handle();
  }

  private async readForm(request: RequestWithUpload): Promise<void> {
    const fields = new Map<string, string[]>();
    const types = partTypes(request);
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), String(part.value)]);
        continue;
      }
      if (part.fieldname !== 'file' || request.upload)
        throw formFault('file', 'Send exactly one file, in the field "file"');
      request.upload = { ...(await this.toUpload(request, part)), mediaType: types.get('file') ?? part.mimetype };
    }
    if (!request.upload) throw formFault('file', 'The form has no file: send one in the field "file"');
    const body = Object.fromEntries([...fields].map(([name, values]) => [name, fieldValue(name, values)]));
    request.body = { title: request.upload.fileName, ...body };
  }

  private async toUpload(request: FastifyRequest, part: MultipartFile): Promise<Upload> {
    return { file: await this.uploads.receive(request, part), fileName: safeName(part.filename) };
  }
}

function fieldValue(name: string, values: readonly string[]): unknown {
  const [value = ''] = values;
  if (name === 'metadata') return parseJson(name, value);
  if (name === 'acl') return value.trimStart().startsWith('[') ? parseJson(name, value) : values;
  if (values.length > 1) throw formFault(name, 'Send this field once');
  return value;
}

/** As strict as with a JSON body: what that may not hold would be stored as well. */
function parseJson(name: string, value: string): unknown {
  try {
    const parsed = parseJsonBody(Buffer.from(value), name);
    if (parsed !== undefined) return parsed;
  } catch (error) {
    if (AppError.is(error) && error.code === 'validation_failed') throw error;
  }
  throw formFault(name, 'Send it as JSON');
}

/** A name to show, never a path: documents are kept under their id. */
function safeName(name: string | undefined): string {
  const last = (name ?? '').split(/[/\\\u2215\u2044]/).at(-1)!;
  return (
    last
      .replace(/[\p{Cc}\p{Cf}]/gu, '')
      .trim()
      .slice(-200) || 'file'
  );
}

const formFault = (path: string, message: string): ValidationError =>
  new ValidationError('The form is not understood', [{ path, code: 'invalid_form', message }]);
