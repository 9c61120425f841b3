import { Dicer } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i;
const NAME = /;\s*name="?([^";]{1,200})"?/i;

/**
 * The content types that the parts of a form come with, by field name, parameters included: the form's own parser tells
 * them without their charset. Reads along, so it is called in the turn in which that parser begins.
 */
export function partTypes(request: FastifyRequest): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  const boundary = BOUNDARY.exec(request.headers['content-type'] ?? '');
  if (!boundary) return types;
  const dicer = new Dicer({ boundary: boundary[1] ?? boundary[2]! });
  dicer.on('part', (part) => {
    part.on('header', (header: { 'content-type'?: string[]; 'content-disposition'?: string[] }) => {
      const name = NAME.exec(header['content-disposition']?.[0] ?? '')?.[1];
      const type = header['content-type']?.[0];
      if (name && type && !types.has(name)) types.set(name, type);
    });
    part.resume();
  });
  // What is wrong with the form is told by its own parser.
  dicer.on('error', () => request.raw.off('data', read));
  const read = (chunk: Buffer): void => void dicer.write(chunk);
  request.raw.on('data', read);
  return types;
}
