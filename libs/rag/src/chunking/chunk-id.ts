import { createHash } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The id of a chunk follows from its document and what it says: a second ingestion of the same text gives the same ids,
 * and a change elsewhere in the document leaves them alone. `repeat` counts equal chunks within one document.
 */
export function chunkId(
  documentId: string,
  { headingPath, repeated, text }: { headingPath: readonly string[]; repeated?: string; text: string },
  repeat: number,
): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([documentId, headingPath, repeat, ...(repeated === undefined ? [] : [repeated])]))
    .update(text)
    .digest();
  const unique = Array.from(digest.subarray(0, 16), (byte) => ALPHABET[byte & 31]).join('');
  return `chk_${documentId.slice(4, 14)}${unique}`;
}
