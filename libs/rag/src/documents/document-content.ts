import { ValidationError } from '@guildhall/sdk';
import { type ContentBytes, bytesOfText } from './content-bytes.js';
import type { CreateDocumentDto } from './document.dto.js';
import type { Upload } from './upload.interceptor.js';

/** Where a document's content comes from: exactly one place. */
export type DocumentContent =
  | { readonly kind: 'bytes'; readonly bytes: ContentBytes; readonly mediaType?: string; readonly fileName?: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string };

export function contentOf(
  { text, url, mediaType }: Pick<CreateDocumentDto, 'text' | 'url' | 'mediaType'>,
  upload: Upload | undefined,
): DocumentContent {
  const given = [text, url, upload].filter((source) => source !== undefined && source !== null);
  if (given.length !== 1) throw ambiguous(given.length);
  if (upload) {
    return { kind: 'bytes', bytes: upload.file, mediaType: mediaType ?? upload.mediaType, fileName: upload.fileName };
  }
  if (url) return { kind: 'url', url: normalised(url), mediaType };
  // It came as characters: a charset that is declared with them says nothing of these bytes.
  return { kind: 'bytes', bytes: bytesOfText(text!), mediaType: mediaType?.split(';')[0] };
}

/** One address, one document: spelling and fragment do not matter. */
function normalised(url: string): string {
  const parsed = new URL(url);
  parsed.hash = '';
  return parsed.href;
}

function ambiguous(given: number): ValidationError {
  const message = 'Send exactly one of "text", "url", or a file in a multipart form';
  const what = given === 0 ? 'The document has no content' : 'The document has more than one content';
  return new ValidationError(what, [{ path: 'text', code: given === 0 ? 'required' : 'ambiguous', message }]);
}
